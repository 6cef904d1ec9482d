"""Looks up what new messages link to, after they were stored and told: no send waits for it."""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager

import httpcore

from tripchat import hub
from tripchat.errors import Unavailable
from tripchat.hub import Change, MessageAdded, MessageChanged
from tripchat.observability import metrics
from tripchat.previews.network import PublicNetwork
from tripchat.previews.page import fetch
from tripchat.previews.summary import summary
from tripchat.previews.web_address import NoPreview
from tripchat.services import previewing
from tripchat.settings import Settings

TOGETHER = 4
"""Pages that are looked up at once."""

MOST_WAITING = 100
"""Links that wait for that; those of more messages are left without."""

log = logging.getLogger(__name__)


class Follower:
    """Gives the messages that this worker stores their previews."""

    def __init__(self, network: PublicNetwork, tls: ssl.SSLContext | None = None) -> None:
        self._network = network
        self._tls = tls
        self._turns = asyncio.Semaphore(TOGETHER)
        # What a page may cost to be read is bounded, and then paid for by one of them at a time.
        self._reader = ThreadPoolExecutor(1, "preview-reader")
        self._tasks: set[asyncio.Task[None]] = set()

    def on_publish(self, change: Change) -> None:
        """Take a change that this worker tells."""
        if not isinstance(change, MessageAdded | MessageChanged):
            return
        address = previewing.wanted(change.message)
        if address is None:
            return
        if len(self._tasks) >= MOST_WAITING:
            metrics.previews.labels("left out").inc()
            return
        task = asyncio.create_task(self._look(change.trip_id, change.message["seq"], address))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _look(self, trip_id: str, seq: int, address: str) -> None:
        try:
            async with self._turns:
                page = await fetch(address, self._network, self._tls)
                read = asyncio.get_running_loop().run_in_executor(
                    self._reader, summary, address, page
                )
                preview = await read
            await previewing.attach(trip_id, seq, preview)
        except NoPreview as reason:
            metrics.previews.labels("none").inc()
            log.debug("a link has no preview: %s", reason)
        except Unavailable:
            metrics.previews.labels("none").inc()
        except Exception as error:
            # An error's own words may quote the link or the page.
            metrics.previews.labels("failed").inc()
            log.error("a preview failed: %s", type(error).__name__)
        else:
            metrics.previews.labels("shown").inc()

    async def settled(self) -> None:
        """Wait until nothing is being looked up."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def stop(self) -> None:
        """Break off what is being looked up."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._reader.shutdown(wait=False, cancel_futures=True)


@asynccontextmanager
async def following(settings: Settings) -> AsyncIterator[None]:
    """Look links up while the worker serves, where a setting says so."""
    if settings.link_previews == "off":
        yield
        return
    # Its list of authorities takes a while to be read: now, and not when the first link comes.
    follower = Follower(PublicNetwork(), httpcore.default_ssl_context())
    stop = hub.on_publish(follower.on_publish)
    try:
        yield
    finally:
        stop()
        await follower.stop()
