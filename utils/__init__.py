"""Figures, pages, notebooks and commands around `lib`."""
