"""The twin: TripChat's channel as Reflex's own shared state would have it."""
