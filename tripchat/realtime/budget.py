"""How much one connection may send: a token bucket."""

from __future__ import annotations


class Budget:
    """Lets `burst` pass at once and `rate` a second in the long run; the rest has to wait."""

    def __init__(self, rate: float, burst: int) -> None:
        self._each = 1 / rate
        self._ahead = burst / rate
        self._paid_until = float("-inf")

    def spend(self, now: float) -> float:
        """Take one, at a time of any clock that only goes forward; gives how long it has to wait.

        Whoever does not wait for it, waits the longer for the next.
        """
        self._paid_until = max(self._paid_until, now - self._ahead) + self._each
        return max(0.0, self._paid_until - now)
