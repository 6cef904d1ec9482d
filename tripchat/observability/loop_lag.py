"""How late the event loop is: whatever blocks it, everybody waits for."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from tripchat.observability import metrics

EVERY_SECONDS = 0.5


class _Watch:
    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._await()

    def _await(self) -> None:
        self._due = self._loop.time() + EVERY_SECONDS
        self._timer = self._loop.call_at(self._due, self._look)

    def _look(self) -> None:
        metrics.loop_lag.observe(max(0.0, self._loop.time() - self._due))
        self._await()

    def stop(self) -> None:
        self._timer.cancel()


@contextmanager
def watched() -> Iterator[None]:
    """Measure the running loop's lag meanwhile."""
    watch = _Watch()
    try:
        yield
    finally:
        watch.stop()
