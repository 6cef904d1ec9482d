"""Work that goes on by itself, until it is done or the worker stops."""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

from tripchat.errors import NotFound, Unavailable

PATIENCE_SECONDS = 2.0
"""How long work may still go on after the worker was told to stop."""

logger = logging.getLogger(__name__)


class Tasks:
    """Running tasks; one that fails is logged, for nobody awaits it."""

    def __init__(self, complaint: str) -> None:
        """`complaint` is what the log says of a task that failed."""
        self._complaint = complaint
        self._running: set[asyncio.Task[None]] = set()

    def run(self, work: Coroutine[Any, Any, None]) -> None:
        """Start some work."""
        task = asyncio.create_task(work)
        self._running.add(task)
        task.add_done_callback(self._finished)

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        error = None if task.cancelled() else task.exception()
        # That the database is away is said once; what was missed is read when it is back. A trip
        # that is not found was erased meanwhile.
        if error is not None and not isinstance(error, Unavailable | NotFound):
            logger.error(self._complaint, exc_info=error)

    async def stop(self) -> None:
        """Let what is still running end, and break off what takes too long."""
        running = list(self._running)
        if not running:
            return
        # A read that is broken off leaves its connection in the middle of something.
        _, late = await asyncio.wait(running, timeout=PATIENCE_SECONDS)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)
