"""How soon everything is shut on one worker for somebody who loses it on the other one."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

import httpx

from bench.cluster.rows import Row
from bench.cluster.site import Cluster
from bench.figures import number, percentile
from tests.kit.feed import Feed
from tests.kit.people import Account
from tests.kit.stream_tab import StreamTab
from tests.kit.tab import ROOM_STATE, Tab

GOAL = 1.0  # seconds
LARGE = 12 * 1024 * 1024  # bytes: more than lies on the way to a reader who takes nothing
NEW = "seven green umbrellas"


@dataclass
class Closings:
    """Seconds from the answer to what took it away, by what that was and what it shut."""

    seconds: dict[str, dict[str, list[float]]] = field(default_factory=dict)

    def note(self, cause: str, what: str, seconds: float) -> None:
        """Add one."""
        self.seconds.setdefault(cause, {}).setdefault(what, []).append(seconds)

    def rows(self) -> Iterator[Row]:
        """A line for each cause."""
        for cause, shut in self.seconds.items():
            told = ", ".join(
                f"{what} {number(percentile(each, 50))} / {number(max(each))}"
                for what, each in shut.items()
            )
            worst = max(max(each) for each in shut.values())
            rounds = len(next(iter(shut.values())))
            yield Row(
                f"{cause} on one worker ({rounds} times): shut on the other, p50 / worst",
                f"{told} s",
                f"at most {GOAL:.0f} s",
                worst <= GOAL,
            )


class Elsewhere:
    """A trip open in every way there is: by socket, by stream, followed, and a file on its way."""

    def __init__(self, port: int, account: Account, trip_id: str, attachment_id: str) -> None:
        path = f"/trip/{trip_id}"
        self.tabs = {
            "socket": Tab(port, path, account.token),
            "stream": StreamTab(port, path, account.token),
        }
        self.feed = Feed(account, trip_id)
        self._account = account
        self._file = f"/api/attachments/{attachment_id}"

    async def opens(self, stack: AsyncExitStack) -> None:
        """Open all of it."""
        for tab in self.tabs.values():
            await stack.enter_async_context(tab)
        await stack.enter_async_context(self.feed)
        download = self._account.http.stream("GET", self._file, timeout=30)
        self._bytes = (await stack.enter_async_context(download)).aiter_raw()
        await anext(self._bytes)

    async def is_shut(self, note: Callable[[str, float], None]) -> None:
        """Wait until nothing of it goes on, and note when each ended."""
        began = time.perf_counter()

        async def ends(what: str, end: Awaitable[object]) -> None:
            await end
            note(what, time.perf_counter() - began)

        tabs = (ends(what, _is_lost(tab)) for what, tab in self.tabs.items())
        await asyncio.gather(*tabs, ends("feed", self.feed.until(lambda: self.feed.ended)))
        # Read sooner, it might be whole before the other worker hears of anything.
        await ends("download", self._breaks_off())

    async def _breaks_off(self) -> None:
        try:
            async for _ in self._bytes:
                pass
        except (httpx.RemoteProtocolError, httpx.ReadError):
            return
        raise AssertionError("the file was whole")


async def _is_lost(tab: Tab) -> None:
    await tab.until(lambda: tab.closed or tab.var(ROOM_STATE, "problem") == "not-a-member")


async def _signs_out_there(_ana: Account, bo: Account, _trip: str) -> None:
    found = (await bo.http.get("/api/me/sessions")).json()
    (other,) = (each["session_id"] for each in found if not each["current"])
    (await bo.http.delete(f"/api/me/sessions/{other}")).raise_for_status()


async def _changes_password(_ana: Account, bo: Account, _trip: str) -> None:
    await bo.changes_password(NEW)


async def _is_removed(ana: Account, bo: Account, trip: str) -> None:
    await ana.removes(trip, bo)


async def _leaves(_ana: Account, bo: Account, trip: str) -> None:
    await bo.leaves(trip)


CAUSES: dict[str, Callable[[Account, Account, str], Awaitable[None]]] = {
    "removed": _is_removed,
    "left": _leaves,
    "signed out there": _signs_out_there,
    "another password": _changes_password,
}


async def closings(cluster: Cluster, rounds: int) -> Closings:
    """Has somebody lose what they have open, in every way, again and again."""
    found = Closings()
    for _ in range(rounds):
        for cause, act in CAUSES.items():
            await _round([worker.server.port for worker in cluster.workers], cause, act, found)
    return found


async def _round(
    ports: Sequence[int],
    cause: str,
    act: Callable[[Account, Account, str], Awaitable[None]],
    found: Closings,
) -> None:
    here, there = (f"http://127.0.0.1:{port}" for port in ports[:2])
    async with AsyncExitStack() as stack:
        people = [await Account.sign_up(here, name) for name in ("Ana", "Bo")]
        ana, bo = people
        people.append(elsewhere := await bo.on_another_device(there))
        for account in people:
            stack.push_async_callback(account.close)
        trip = await ana.makes_trip("Bench", bo)
        file = (await ana.uploads(trip, "large.bin", os.urandom(LARGE)))["attachment_id"]
        await ana.sends(trip, {"attachment_ids": [file]})
        everything = Elsewhere(ports[1], elsewhere, trip, file)
        await everything.opens(stack)
        await act(ana, bo, trip)
        await everything.is_shut(lambda what, seconds: found.note(cause, what, seconds))
