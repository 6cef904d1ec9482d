"""How long to wait before the next attempt."""

from __future__ import annotations

import random

FIRST_SECONDS = 0.05
MOST_SECONDS = 2.0


class Backoff:
    """Waits that double up to a limit; half of each is drawn, so that many do not come at once."""

    def __init__(self, first: float = FIRST_SECONDS, most: float = MOST_SECONDS) -> None:
        self._first = first
        self._most = most
        self._next = first

    def next(self) -> float:
        """How long to wait now, in seconds; the next time it is more."""
        wait, self._next = self._next, min(self._next * 2, self._most)
        return wait * random.uniform(0.5, 1)  # noqa: S311  # only to spread attempts

    def reset(self) -> None:
        """The last attempt succeeded."""
        self._next = self._first
