"""Hundreds of tabs come back after the server has gone: how long it takes, and how spread out.

`python -m tests.faults --only restart`
"""

from __future__ import annotations

import asyncio
import itertools
import time
from bisect import bisect_left
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.tabs import AT_ONCE
from bench.websocket import Inbox
from tests.faults.report import Report
from tests.faults.returning import STABLE_SECONDS, ReturningTab
from tests.kit.people import Account
from tests.kit.server import Server

TABS = 500
PEOPLE = 50
STORED = 70
"""Messages of each trip before all begins: more than a tab gets when it opens."""
WRITTEN = 3
"""Messages written in each trip as soon as the server is back."""
OUTAGE_SECONDS = 20.0
"""Long enough for all tabs to try at the longest step only."""

WITHIN_SECONDS = 10.0
PATIENCE_SECONDS = 60.0
BIN_SECONDS = 0.5
LUMP_SECONDS = 0.1


@dataclass(frozen=True)
class Return:
    """How the tabs came back; seconds since the server was told to end."""

    ready: float
    """When it answered again that it is healthy."""
    caught_up: list[float]
    """When each tab could be used again and had its trip's newest message."""
    attempts: list[float]
    """All attempts to connect, in order."""
    most_of_a_tab: int
    faults: list[str]
    """What was missed."""

    @property
    def last(self) -> float:
        """When all had caught up."""
        return max(self.caught_up)

    @property
    def lump(self) -> int:
        """The largest number of attempts in a tenth of a second."""
        return max(
            bisect_left(self.attempts, start + LUMP_SECONDS) - index
            for index, start in enumerate(self.attempts)
        )

    @property
    def histogram(self) -> str:
        """The attempts and the tabs that had caught up, over time."""
        tried = _binned(self.attempts)
        back = _binned(self.caught_up)
        lines = ["  from s  attempts  back"]
        for number in range(max(tried | back) + 1):
            start = number * BIN_SECONDS
            ready = " < ready" if start <= self.ready < start + BIN_SECONDS else ""
            bar = "#" * -(-tried[number] // 5)
            lines.append(f"{start:8.1f}{tried[number]:10}{back[number]:6}  {bar}{ready}")
        return "\n".join(lines)


def _binned(moments: Sequence[float]) -> Counter[int]:
    return Counter(int(moment / BIN_SECONDS) for moment in moments)


@dataclass(frozen=True)
class Crowd:
    """Tabs of people in some trips, which come back whenever they have lost the server."""

    server: Server
    people: Sequence[Account]
    trips: Sequence[str]
    tabs: Sequence[ReturningTab]

    async def are_stable(self) -> None:
        """Wait until all have been connected for so long that they would begin anew."""
        since = max(tab.hydrated_at or 0.0 for tab in self.tabs)
        await asyncio.sleep(max(0.0, since + STABLE_SECONDS - time.perf_counter()))

    async def loses_the_server(
        self, end: Callable[[], Awaitable[None]], outage: float = 0.0
    ) -> Return:
        """End the server, start it after `outage` seconds, and see all tabs come back."""
        for tab in self.tabs:
            tab.attempts.clear()
        ended = time.perf_counter()
        await end()
        await asyncio.sleep(outage)
        await self.server.start()
        ready = time.perf_counter()
        newest = await self._writes()
        await self._catch_up(newest)
        return Return(
            ready=ready - ended,
            caught_up=[tab.caught_up_at - ended for tab in self.tabs],
            attempts=sorted(when - ended for tab in self.tabs for when in tab.attempts),
            most_of_a_tab=max(len(tab.attempts) for tab in self.tabs),
            faults=[fault for tab in self.tabs for fault in tab.faults(newest[tab.trip_id])],
        )

    async def _writes(self) -> dict[str, int]:
        """Somebody writes in each trip; gives the number of each one's newest message."""
        writers = itertools.cycle(self.people)
        newest: dict[str, int] = {}
        for trip_id, number in itertools.product(self.trips, range(WRITTEN)):
            answer = await next(writers).writes(trip_id, f"We are back {number}")
            newest[trip_id] = answer["seq"]
        return newest

    async def _catch_up(self, newest: dict[str, int]) -> None:
        async with asyncio.timeout(PATIENCE_SECONDS):
            for tab in self.tabs:
                await tab.until_back(newest[tab.trip_id])


@asynccontextmanager
async def crowd(
    server: Server, people: Sequence[Account], trips: int, tabs: int
) -> AsyncIterator[Crowd]:
    """`tabs` open tabs of these people, spread over new trips that all of them are in."""
    first, *others = people
    trip_ids = [await first.makes_trip(f"Trip {number}", *others) for number in range(trips)]
    for trip_id in trip_ids:
        await first.writes_all(trip_id, (f"Before {number}" for number in range(STORED)))
    inbox = Inbox(asyncio.get_running_loop())
    opened = [
        ReturningTab(
            index, inbox, server.port, people[index % len(people)], trip_ids[index * trips // tabs]
        )
        for index in range(tabs)
    ]
    turns = asyncio.Semaphore(AT_ONCE)

    async def open_one(tab: ReturningTab) -> None:
        async with turns:
            await tab.open()

    staying: list[asyncio.Task[None]] = []
    try:
        await asyncio.gather(*map(open_one, opened))
        staying += [asyncio.create_task(tab.stay()) for tab in opened]
        yield Crowd(server, people, trip_ids, opened)
    finally:
        for task in staying:
            task.cancel()
        await asyncio.gather(*staying, return_exceptions=True)
        for tab in opened:
            tab.close()


async def run(report: Report, folder: Path, tabs: int = TABS) -> None:
    """Restart under tabs in five trips, then under as many in one."""
    server = Server(folder)
    await server.start()
    people = [await Account.sign_up(server.url, f"Person {each}") for each in range(PEOPLE)]
    try:
        for trips in (5, 1):
            async with crowd(server, people, trips, tabs) as everybody:
                where = f"{tabs} tabs, {trips} trip{'s' * (trips > 1)}"
                for how, end, outage in (
                    ("restart (SIGTERM)", server.stop, 0.0),
                    ("restart (SIGKILL)", server.kill, 0.0),
                    (f"{OUTAGE_SECONDS:.0f} s without a server", server.kill, OUTAGE_SECONDS),
                ):
                    await everybody.are_stable()
                    came = await everybody.loses_the_server(end, outage)
                    _tell(report, f"{where}, {how}", came)
    finally:
        for person in people:
            await person.close()
        await server.stop()


def _tell(report: Report, title: str, came: Return) -> None:
    from_ready = came.last - came.ready
    report.add(
        f"{title}: all caught up",
        f"within {WITHIN_SECONDS:.0f} s of its being ready again, nothing missed",
        f"{from_ready:.1f} s ({came.last:.1f} s after its end), {len(came.faults)} faults",
        from_ready <= WITHIN_SECONDS and not came.faults,
    )
    report.tell(
        f"{title}: attempts",
        f"ready again {came.ready:.2f} s after its end; {len(came.attempts)} attempts, "
        f"{len(came.attempts) / len(came.caught_up):.1f} per tab and at most "
        f"{came.most_of_a_tab}; at most {came.lump} in {LUMP_SECONDS:.1f} s\n\n"
        f"```\n{came.histogram}\n```\n" + "\n".join(came.faults[:10]),
    )
