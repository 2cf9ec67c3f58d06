"""In: recorded activities and a course. Out: time, heart rate and cadence of every 5 m, before the start."""
