"""The original pipeline, trained and run as it was."""
