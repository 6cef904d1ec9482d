"""PostgreSQL and Redis of our own, from this machine's packages: for one machine, and for tests."""
