"""Measurements behind constants of the library, and the demo courses."""
