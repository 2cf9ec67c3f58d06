"""Recordings of devices become sessions of 5 m steps, or are aligned with a course."""
