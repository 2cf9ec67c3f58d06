"""The network's prediction in arrays, by numpy and onnxruntime alone."""
