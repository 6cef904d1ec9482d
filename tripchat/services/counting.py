"""Counting what was done lately, in this process: sliding windows, and never too many of them."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable

MOST_WINDOWS = 50_000
"""Some 20 MB. Of more, those are forgotten that nothing was counted in for longest."""

BUSY = 0.1
"""Who has done less of what is allowed is of no interest to others who count."""


class Windows:
    """How often each key was counted lately.

    A window is counted whole, and of the one before the part that still overlaps a window that ends
    now: that is close to counting each time by itself, and takes the same memory for all.
    """

    def __init__(self, most: int = MOST_WINDOWS, now: Callable[[], float] = time.monotonic) -> None:
        self._most = most
        self._now = now
        self._windows: OrderedDict[str, _Window] = OrderedDict()

    def __len__(self) -> int:
        return len(self._windows)

    def hit(self, key: str, amount: int, seconds: float) -> float:
        """Count one more if `amount` in `seconds` allow it.

        Gives 0 if it was counted, otherwise the seconds until one more is allowed.
        """
        now = self._now()
        window = self._windows.get(key)
        if window is None:
            window = self._windows[key] = _Window(now)
            if len(self._windows) > self._most:
                self._windows.popitem(last=False)
        else:
            self._windows.move_to_end(key)
        return window.hit(now, amount, seconds)

    def close(self, key: str, seconds: float) -> None:
        """Allow no more under a key for so long: more was done than is counted here."""
        if (window := self._windows.get(key)) is not None:
            window.closed_until = self._now() + seconds

    def is_busy(self, key: str, amount: int) -> bool:
        """Whether more than `BUSY` of an amount was counted in the window that is under way."""
        window = self._windows.get(key)
        return window is not None and window.count > BUSY * amount

    def take_untold(self, key: str) -> int:
        """How much of it was not taken yet, to be told elsewhere."""
        window = self._windows.get(key)
        if window is None:
            return 0
        untold, window.untold = window.untold, 0
        return untold

    def forget(self, key: str) -> None:
        """Begin anew."""
        self._windows.pop(key, None)


class _Window:
    __slots__ = ("before", "closed_until", "count", "start", "untold")

    def __init__(self, now: float) -> None:
        self.start = now
        self.count = 0
        self.before = 0
        self.untold = 0
        self.closed_until = 0.0

    def hit(self, now: float, amount: int, seconds: float) -> float:
        if now < self.closed_until:
            return self.closed_until - now
        passed = now - self.start
        if passed >= seconds:
            self.before = self.count if passed < 2 * seconds else 0
            self.count = self.untold = 0
            self.start += seconds * (passed // seconds)
            passed = now - self.start
        left = seconds - passed
        if self.before * left / seconds < amount - self.count:
            self.count += 1
            self.untold += 1
            return 0.0
        # What counts of the window before gets less with time; this one is the next one's before.
        fewer = (amount - self.count) * seconds / self.before if self.count < amount else 0.0
        return left - fewer
