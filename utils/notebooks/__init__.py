"""Running, checking and rendering notebooks."""
