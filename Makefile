# The graph of the project: what depends on what, and how it is made. `make` alone lists what there is to do.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
MAKEFLAGS += --no-builtin-rules
.SUFFIXES:

PROFILE ?= quick
VENV := .venv
TEST_ARGS ?=

# Environment: .venv is ours. PY=python uses the interpreter (say, of conda) that is active, and sets nothing up.
ifdef PY
PYTHON := $(PY)
READY :=
else
PYTHON ?= python3
PY := $(VENV)/bin/python
# named after what it was made from: other pins make it again, a touched file does not
READY := $(VENV)/ready-$(shell cat requirements.txt pyproject.toml 2>/dev/null | sha256sum | cut -c1-16)
endif
export PYTHONPATH := $(CURDIR)
export JUPYTER_PREFER_ENV_PATH := 1

# Values from a user go through the environment, as they are, never into the text of a command.
export TRAILCAST_GPX := $(value GPX)
export TRAILCAST_ATHLETE := $(value ATHLETE)
export TRAILCAST_OUT := $(value OUT)
export TRAILCAST_DATA := $(value DATA)
export TRAILCAST_SEED_STEPS := $(value SEED_STEPS)
export TRAILCAST_EFFORT := $(value EFFORT)
export TRAILCAST_LAST := $(value LAST)
export TRAILCAST_HISTORY := $(value HISTORY)
export TRAILCAST_TEST := $(value TEST)
export TRAILCAST_COURSES := $(value COURSES)
export TRAILCAST_ATHLETES := $(value ATHLETES)
export TRAILCAST_SCHEDULER := $(value SCHEDULER)
# Words of a plan are taken from the command line alone: START or TARGET may mean something else in an environment.
PLAN_WORDS := name start zone stop_min effort target standing temperature_c usual_temperature_c usual_altitude_m
PLAN_PATHS := so_far elevation_model
given = $(if $(filter command,$(origin $(1))),$(value $(1)))
export TRAILCAST_PLAN_name := $(call given,NAME)
export TRAILCAST_PLAN_start := $(call given,START)
export TRAILCAST_PLAN_zone := $(call given,ZONE)
export TRAILCAST_PLAN_stations := $(call given,STATIONS)
export TRAILCAST_PLAN_stop_min := $(call given,STOP)
export TRAILCAST_PLAN_effort := $(call given,EFFORT)
export TRAILCAST_PLAN_target := $(call given,TARGET)
export TRAILCAST_PLAN_standing := $(call given,STANDING)
export TRAILCAST_PLAN_temperature_c := $(call given,TEMPERATURE)
export TRAILCAST_PLAN_usual_temperature_c := $(call given,USUAL_TEMPERATURE)
export TRAILCAST_PLAN_usual_altitude_m := $(call given,USUAL_ALTITUDE)
export TRAILCAST_PLAN_so_far := $(call given,SO_FAR)
export TRAILCAST_PLAN_elevation_model := $(call given,DEM)
export TRAILCAST_PLAN_recording := $(call given,RECORDING)
export TRAILCAST_PLAN_efforts := $(call given,EFFORTS)
export TRAILCAST_PLAN_starts := $(call given,STARTS)
export TRAILCAST_PLAN_temperatures := $(call given,TEMPERATURES)
export TRAILCAST_NOTEBOOK := $(call given,NOTEBOOK)
export TRAILCAST_HOST_ASKED := $(value HOST)
export TRAILCAST_PORT_ASKED := $(value PORT)

NOTEBOOK_BUILD := build/$(PROFILE)/notebooks
WORKERS := -n auto --maxprocesses 8 --dist loadfile
NBVAL := --nbval-lax --nbval-current-env --nbval-cell-timeout=1200

define CHECK_PYTHON
command -v $(PYTHON) > /dev/null || { echo "$(PYTHON) is not there: install Python 3.11 or newer, or say which: make … PYTHON=python3.12" >&2; exit 1; }; \
$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "$(PYTHON) is $$($(PYTHON) -V 2>&1): trailcast needs Python 3.11 or newer; say which: make … PYTHON=python3.12" >&2; exit 1; }
endef

.DEFAULT_GOAL := help
.PHONY: help setup reports plan compare review serve batch sessions athlete split backtest bench test test-fast lint lab tidy facts clean every_report index FORCE

help: ## this list
	@echo "make TARGET, where TARGET is"
	@grep -E '^[a-z-]+:.*## ' Makefile | sed -E 's/^([a-z-]+):[^#]*## /\1\t/' | while IFS=$$'\t' read -r name text; do printf '  %-9s %s\n' "$$name" "$$text"; done

setup: $(READY) ## the environment in .venv; every other target does it when needed, once

reports: $(READY) ## run all notebooks into reports/index.html; PROFILE=full for full training (hours)
	@case "$(PROFILE)" in quick|full) ;; *) echo "PROFILE=$(PROFILE): expected quick or full" >&2; exit 2;; esac
	@status=0; $(MAKE) --no-print-directory --keep-going every_report || status=$$?; \
	$(MAKE) --no-print-directory index || status=$$?; exit $$status

plan: $(READY) ## plan a race: GPX=course.gpx [ATHLETE=me.json] [START=2026-06-20T05:30 ZONE=Europe/Paris] [STATIONS=aid.csv] [EFFORT=race | TARGET=3:30] [SO_FAR=run.fit] [OUT=reports/plans]; more in README
	@test -n "$$TRAILCAST_GPX" || { echo "Which course? make plan GPX=course.gpx" >&2; exit 2; }; \
	out="$${TRAILCAST_OUT:-reports/plans}"; stem="$${TRAILCAST_GPX##*/}"; stem="$${stem%.*}"; words=(); \
	say() { if [[ -n "$$2" ]]; then if [[ -n "$$TRAILCAST_NOTEBOOK" ]]; then words+=("$$3" "$$1" "$$2"); else words+=("--$${1//_/-}" "$$2"); fi; fi; }; \
	say athlete "$$TRAILCAST_ATHLETE" --path; \
	for name in $(PLAN_WORDS); do from="TRAILCAST_PLAN_$$name"; say "$$name" "$${!from}" --parameter; done; \
	for name in $(PLAN_PATHS); do from="TRAILCAST_PLAN_$$name"; say "$$name" "$${!from}" --path; done; \
	kind=--parameter; if [[ -f "$$TRAILCAST_PLAN_stations" ]]; then kind=--path; fi; say stations "$$TRAILCAST_PLAN_stations" "$$kind"; \
	if [[ -n "$$TRAILCAST_NOTEBOOK" ]]; then \
	  $(PY) -m utils.notebooks.run notebooks/06_plan_course.ipynb --path gpx "$$TRAILCAST_GPX" --path out "$$out" "$${words[@]}" \
	    --executed "build/plans/$$stem.ipynb" --failed "build/plans/$$stem.failed.ipynb" --report "$$out/$${stem}_notebook.html"; \
	else $(PY) -m utils.cli.plan "$${words[@]}" --out "$$out" -- "$$TRAILCAST_GPX"; fi

compare: $(READY) ## plans side by side: GPX=course.gpx [EFFORTS=easy,race | ATHLETES=a.json,b.json | STARTS=… | TEMPERATURES=10,25] [STATIONS=…] [TARGET=…]
	@test -n "$$TRAILCAST_GPX" || { echo "Which course? make compare GPX=course.gpx EFFORTS=easy,race" >&2; exit 2; }; \
	words=(); say() { if [[ -n "$$2" ]]; then words+=("--$$1" "$$2"); fi; }; \
	say athletes "$$TRAILCAST_ATHLETES"; \
	for name in efforts starts temperatures zone stations target stop_min standing usual_temperature_c; do \
	  from="TRAILCAST_PLAN_$$name"; say "$${name//_/-}" "$${!from}"; done; \
	$(PY) -m utils.cli.compare "$${words[@]}" --out "$${TRAILCAST_OUT:-reports/plans}" -- "$$TRAILCAST_GPX"

review: $(READY) ## a plan against what happened: GPX=course.gpx RECORDING=run.fit [ATHLETE=me.json] [EFFORT=…] [STATIONS=…] [STOP=…]
	@test -n "$$TRAILCAST_GPX" -a -n "$$TRAILCAST_PLAN_recording" || { echo "Which course, which run? make review GPX=course.gpx RECORDING=run.fit" >&2; exit 2; }; \
	out="$${TRAILCAST_OUT:-reports/plans}"; stem="$${TRAILCAST_GPX##*/}"; stem="$${stem%.*}"; words=(); \
	say() { if [[ -n "$$2" ]]; then words+=("$$3" "$$1" "$$2"); fi; }; \
	say athlete "$$TRAILCAST_ATHLETE" --path; \
	for name in effort target stop_min standing temperature_c; do from="TRAILCAST_PLAN_$$name"; say "$$name" "$${!from}" --parameter; done; \
	kind=--parameter; if [[ -f "$$TRAILCAST_PLAN_stations" ]]; then kind=--path; fi; say stations "$$TRAILCAST_PLAN_stations" "$$kind"; \
	$(PY) -m utils.notebooks.run notebooks/08_predicted_against_actual.ipynb --path gpx "$$TRAILCAST_GPX" --path recording "$$TRAILCAST_PLAN_recording" \
	  "$${words[@]}" --executed "build/plans/$${stem}_review.ipynb" --failed "build/plans/$${stem}_review.failed.ipynb" --report "$$out/$${stem}_review.html"

serve: $(READY) ## the API and its page, on port 8000 of this machine; [HOST=…] [PORT=…], limits by TRAILCAST_… (api/settings.py)
	@$(if $(value HOST),TRAILCAST_HOST="$$TRAILCAST_HOST_ASKED") $(if $(value PORT),TRAILCAST_PORT="$$TRAILCAST_PORT_ASKED") $(PY) -m api.main

batch: $(READY) ## every athlete on every course: COURSES=folder ATHLETES=folder OUT=folder [EFFORT=…] [SCHEDULER=tcp://…]
	@test -n "$$TRAILCAST_COURSES" -a -n "$$TRAILCAST_ATHLETES" -a -n "$$TRAILCAST_OUT" || { \
	  echo "Who runs which courses, and where to? make batch COURSES=courses/ ATHLETES=bundles/ OUT=plans/" >&2; exit 2; }; \
	$(PY) -m utils.batch.run "$$TRAILCAST_COURSES" "$$TRAILCAST_ATHLETES" "$$TRAILCAST_OUT" \
	  $${TRAILCAST_EFFORT:+--effort "$$TRAILCAST_EFFORT"} $${TRAILCAST_SCHEDULER:+--scheduler "$$TRAILCAST_SCHEDULER"}

sessions: $(READY) ## recorded activities to sessions: DATA=folder-or-archive OUT=sessions.parquet
	@test -n "$$TRAILCAST_DATA" -a -n "$$TRAILCAST_OUT" || { echo "From where to where? make sessions DATA=activities/ OUT=me.parquet" >&2; exit 2; }; \
	$(PY) -m utils.cli.sessions "$$TRAILCAST_DATA" "$$TRAILCAST_OUT"

athlete: $(READY) ## sessions or activities to an athlete's bundle: DATA=me.parquet OUT=me.json
	@test -n "$$TRAILCAST_DATA" -a -n "$$TRAILCAST_OUT" || { echo "From where to where? make athlete DATA=me.parquet OUT=me.json" >&2; exit 2; }; \
	$(PY) -m utils.cli.athlete "$$TRAILCAST_DATA" "$$TRAILCAST_OUT"

split: $(READY) ## sessions by date into OUT/history and OUT/test: DATA=folder OUT=folder [LAST=0.2, share for test]
	@test -n "$$TRAILCAST_DATA" -a -n "$$TRAILCAST_OUT" || { echo "From where to where? make split DATA=sessions/ OUT=parts/" >&2; exit 2; }; \
	$(PY) -m utils.cli.split "$$TRAILCAST_DATA" "$$TRAILCAST_OUT" --last-share "$${TRAILCAST_LAST:-0.2}"

backtest: $(READY) ## predict later sessions from earlier ones, ours and rivals: HISTORY=folder TEST=folder OUT=result.json [SEED_STEPS=300]
	@test -n "$$TRAILCAST_HISTORY" -a -n "$$TRAILCAST_TEST" -a -n "$$TRAILCAST_OUT" || { \
	  echo "Which sessions are known, which to predict, and where to? make backtest HISTORY=parts/history TEST=parts/test OUT=result.json" >&2; exit 2; }; \
	$(PY) -m utils.cli.backtest "$$TRAILCAST_HISTORY" "$$TRAILCAST_TEST" "$$TRAILCAST_OUT" $${TRAILCAST_SEED_STEPS:+--seed-steps "$$TRAILCAST_SEED_STEPS"}

bench: $(READY) ## what a prediction costs in every way, one table (minutes)
	@$(PY) -m utils.bench.bench --out build/bench/table.md

test: $(READY) ## every test, and every notebook with its defaults against its stored facts, on all cores
	$(PY) -m pytest $(WORKERS) $(NBVAL) tests $(sort $(wildcard notebooks/*.ipynb)) $(TEST_ARGS)

test-fast: $(READY) ## tests in under three minutes: without those marked slow, and without the notebooks
	$(PY) -m pytest $(WORKERS) -m "not slow" tests $(TEST_ARGS)

lint: $(READY) ## style of code and notebooks
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .

lab: $(READY) ## JupyterLab on the notebooks
	$(PY) -m jupyter lab notebooks

tidy: $(READY) ## notebooks as git keeps them: outputs cleared but those that tests compare
	@$(PY) -m utils.notebooks.outputs || test $$? -eq 1

facts: $(READY) ## take compared outputs from the last quick run, where results changed on purpose
	@$(PY) -m utils.notebooks.outputs --facts build/quick/notebooks || test $$? -eq 1

clean: ## remove what runs made (not .venv, not reports/full)
	rm -rf build reports/quick reports/plans reports/index.html .pytest_cache .ruff_cache .hypothesis
	find lib utils tests notebooks -name __pycache__ -prune -exec rm -rf {} +

# torch first and alone: as a dependency of another package it could come in another build
$(VENV)/ready-%:
	@$(CHECK_PYTHON)
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "$(PYTHON) cannot make a virtual environment; on Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	$(VENV)/bin/python -m pip install --disable-pip-version-check "$$(grep -m1 '^torch==' requirements.txt)"
	$(VENV)/bin/python -m pip install --disable-pip-version-check -r requirements.txt
	$(VENV)/bin/python -m pip install --disable-pip-version-check --quiet --no-deps --no-build-isolation -e .
	@rm -f $(VENV)/ready-*
	@touch $@

# The graph is read only by goals that need it. Its rules say what each executed notebook depends on.
ifneq ($(filter-out help setup reports plan compare review serve batch sessions athlete split backtest bench test test-fast lint lab tidy facts clean index,$(MAKECMDGOALS)),)
include build/notebooks.mk
endif

build/notebooks.mk: FORCE
	@$(CHECK_PYTHON)
	@$(PYTHON) utils/notebooks/dependencies.py

every_report: $(NOTEBOOKS:%=reports/$(PROFILE)/%.html)
	@:

$(NOTEBOOK_BUILD)/%.ipynb: | $(READY)
	@$(PY) -m utils.notebooks.run notebooks/$*.ipynb --profile $(PROFILE) --executed $@ \
	  $(if $(filter full,$(PROFILE)),$(addprefix --params ,$(wildcard notebooks/params/$*.yaml))) \
	  --failed build/$(PROFILE)/failed/$*.ipynb --failed-report reports/$(PROFILE)/$*.failed.html

reports/$(PROFILE)/%.html: $(NOTEBOOK_BUILD)/%.ipynb utils/notebooks/render.py utils/plan_page/templates/page.css utils/notebooks/templates/report/index.html.j2 | $(READY)
	@$(PY) -m utils.notebooks.render $< $@

index: | $(READY)
	@$(PY) -m utils.notebooks.index_page
	@echo "reports/index.html"
