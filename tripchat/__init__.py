"""TripChat: a hosted group chat for people who travel together."""

__version__ = "0.1.0"
