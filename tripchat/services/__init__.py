"""The use cases: each checks who may, reads or writes, and returns plain views. No Reflex here."""
