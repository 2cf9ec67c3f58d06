"""Sessions become a trained network and its normalizers."""
