"""The simulated athlete: terrain, physiology, watch."""
