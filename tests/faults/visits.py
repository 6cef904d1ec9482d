"""Tabs come and go by the thousand: what they leave behind in the server must stay bounded.

`python -m tests.faults --only visits`
"""

from __future__ import annotations

import asyncio
from pathlib import Path

import psutil

from bench.websocket import Inbox
from tests.faults.report import Report
from tests.faults.returning import ReturningTab
from tests.kit.people import Account
from tests.kit.server import Server

PEOPLE = 10
AT_ONCE = 10
STORED = 70
VISITS = 1000
ROUNDS = 5
KEPT_SECONDS = 5
"""How long Reflex keeps a tab's state here after its last event; as served, it is an hour."""
MOST_BYTES = 2_000
"""What a visit may seem to add: allocators take memory by the page."""


async def run(report: Report, folder: Path) -> None:
    """See what is left of visits, with and without the states that Reflex keeps for a while."""
    kept = await _bytes_per_visit(Server(folder))
    soon = {"REFLEX_REDIS_TOKEN_EXPIRATION": str(KEPT_SECONDS)}
    left = await _bytes_per_visit(Server(folder, **soon))
    report.add(
        f"The last {VISITS:,} of {VISITS * ROUNDS:,} tabs that come and go",
        f"leave less than {MOST_BYTES / 1000:.0f} kB each when their states have expired",
        f"{left[-1] / 1000:.1f} kB each; {kept[-1] / 1000:.1f} kB until then",
        left[-1] < MOST_BYTES,
    )
    report.tell(
        f"Server memory, kB per visit, for each {VISITS:,} visits",
        f"states kept for an hour: {_listed(kept)}\n"
        f"states kept for {KEPT_SECONDS} s: {_listed(left)}",
    )


def _listed(figures: list[float]) -> str:
    return ", ".join(f"{each / 1000:.1f}" for each in figures)


async def _bytes_per_visit(server: Server) -> list[float]:
    await server.start()
    people = [await Account.sign_up(server.url, f"Person {each}") for each in range(PEOPLE)]
    try:
        trip_id = await people[0].makes_trip("Lisbon", *people[1:])
        await people[0].writes_all(trip_id, (f"Message {number}" for number in range(STORED)))
        process = psutil.Process(server.pid)
        added: list[float] = []
        before = process.memory_info().rss
        for _ in range(ROUNDS):
            await _visits(server, people, trip_id)
            now = process.memory_info().rss
            added.append((now - before) / VISITS)
            before = now
        return added
    finally:
        for person in people:
            await person.close()
        await server.stop()


async def _visits(server: Server, people: list[Account], trip_id: str) -> None:
    inbox = Inbox(asyncio.get_running_loop())
    numbers = iter(range(VISITS))

    async def come_and_go() -> None:
        for number in numbers:
            person = people[number % len(people)]
            tab = ReturningTab(number, inbox, server.port, person, trip_id)
            await tab.open()
            tab.close()

    await asyncio.gather(*(come_and_go() for _ in range(AT_ONCE)))
