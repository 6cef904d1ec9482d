"""The bench of several workers on PostgreSQL and Redis: `python -m bench.cluster`."""
