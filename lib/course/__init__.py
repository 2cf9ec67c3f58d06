"""A GPX route or track becomes a course of 5 m steps: altitude, slopes, climbs, ground."""
