"""Race plans over HTTP, as `lib.plan.race_plan` makes them; no model code of its own."""
