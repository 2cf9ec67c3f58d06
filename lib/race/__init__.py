"""What a runner asks for: options, clock, stations, cut-offs, sun."""
