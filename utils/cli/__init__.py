"""The trailcast command."""
