"""Before a trail run starts: time, heart rate and cadence of every 5 m."""
