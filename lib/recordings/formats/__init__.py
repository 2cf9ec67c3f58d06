"""Files of devices, each format by one reader."""
