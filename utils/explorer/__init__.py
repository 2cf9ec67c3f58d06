"""Sliders in JupyterLab that move a plan."""
