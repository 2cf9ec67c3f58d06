"""A plan as one HTML page and its files."""
