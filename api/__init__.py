"""In: GPX files over HTTP. Out: race plans, as `lib.plan.race_plan` makes them; no model code of its own."""
