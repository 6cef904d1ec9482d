"""The twin: TripChat with its live side as Reflex's own shared state would have it."""
