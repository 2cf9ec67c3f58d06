"""The prediction of a course and the race become a plan."""
