"""Sessions become the athlete profile: expected pace, heart rate, stopped time, intervals."""
