"""The one clock: UTC, in milliseconds since the epoch."""

import time

SECOND = 1000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR


def now() -> int:
    """The present moment, in UTC milliseconds since the epoch."""
    return time.time_ns() // 1_000_000
