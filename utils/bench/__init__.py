"""What predictions cost: time, memory, disk."""
