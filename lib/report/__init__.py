"""A plan as tables, notes and files for other programs."""
