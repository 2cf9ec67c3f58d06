"""In: GPX files over HTTP. Out: predictions, as `lib.forecast` makes them; no model code of its own."""
