# The API alone, on ONNX Runtime: docker build -t trailcast . && docker run -p 8000:8000 trailcast
FROM python:3.11-slim
WORKDIR /app
COPY requirements.txt requirements-serve.txt ./
RUN pip install --no-cache-dir --no-compile -r requirements-serve.txt
COPY lib lib
COPY api api
COPY utils/__init__.py utils/
COPY utils/cli utils/cli
COPY utils/plan_page utils/plan_page
COPY utils/plots/__init__.py utils/plots/curves.py utils/plots/
COPY data/courses data/courses
COPY checkpoints_v2/model.onnx checkpoints_v2/normalizers.json checkpoints_v2/results.json checkpoints_v2/races.csv checkpoints_v2/
# Within a container only what is published reaches it.
ENV TRAILCAST_HOST=0.0.0.0 PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
USER nobody
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/health', timeout=4)"]
CMD ["python", "-m", "utils.cli", "serve"]
