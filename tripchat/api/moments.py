"""Moments as other programs read them."""

from datetime import UTC, datetime
from typing import overload


@overload
def iso(moment: int) -> str: ...
@overload
def iso(moment: None) -> None: ...


def iso(moment: int | None) -> str | None:
    """UTC milliseconds since the epoch as ISO 8601 with milliseconds and Z; None stays None."""
    if moment is None:
        return None
    seconds, milliseconds = divmod(moment, 1000)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{milliseconds:03d}Z"
