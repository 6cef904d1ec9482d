"""How long a message takes to the tabs of its own worker and to those of the other one."""

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from bench.arrivals import Arrivals
from bench.cluster.rows import Row
from bench.cluster.site import Cluster, Company, Spread
from bench.delivery import RATE, WARM_UP
from bench.figures import number, percentile
from bench.tab import Tab
from bench.tabs import Tabs, open_tabs

GOAL = 1.5  # times same-worker p95 that cross-worker p95 may be
SENDERS = 5  # tabs on each worker that take turns
PATIENCE = 10.0  # seconds


@dataclass
class Crossing:
    """Milliseconds from the same messages, each worker having sent half of them."""

    tabs: int  # in all
    messages: int = 0
    missing: int = 0
    same: list[float] = field(default_factory=list)
    cross: list[float] = field(default_factory=list)

    def rows(self) -> Iterator[Row]:
        """A line for half of the tabs, and one for nearly all of them."""
        for percent in (50, 95):
            same, cross = (percentile(each, percent) for each in (self.same, self.cross))
            is_goal = percent == 95
            yield Row(
                f"{self.tabs} tabs of one trip on two workers, {RATE} messages/s: p{percent} on "
                "the sender's, on the other",
                f"{number(same)}, {number(cross)} ms ({cross / same:.2f} x)",
                f"at most {GOAL} x" if is_goal else "",
                cross <= GOAL * same and not self.missing if is_goal else None,
            )


async def crossing(
    cluster: Cluster, company: Company, tabs: int, seconds: float, turns: int
) -> Crossing:
    """Sends at a steady rate through one worker, then through the other, and again."""
    chat = Spread(cluster, [company], cluster.workers)
    figures = Crossing(tabs)
    async with open_tabs(chat, tabs) as opened:
        for worker in range(len(cluster.workers)):
            await _send(chat, opened, worker, WARM_UP)
        for _ in range(turns):
            for worker in range(len(cluster.workers)):
                arrivals = await _send(chat, opened, worker, round(seconds * RATE))
                figures.messages += arrivals.messages
                figures.missing += arrivals.missing
                for delay, tab in zip(arrivals.delays, arrivals.receivers, strict=True):
                    is_same = chat.worker_of(tab) == worker
                    (figures.same if is_same else figures.cross).append(1000 * delay)
    return figures


async def _send(chat: Spread, tabs: Tabs, worker: int, messages: int) -> Arrivals:
    senders = _spread(tabs, chat, worker)
    arrivals = tabs.expect(messages)
    start = time.perf_counter()
    for index in range(messages):
        await asyncio.sleep(max(0.0, start + index / RATE - time.perf_counter()))
        arrivals.sending(index)
        chat.send(senders[index % len(senders)], arrivals.number(index))
    try:
        async with asyncio.timeout(PATIENCE):
            await arrivals.complete.wait()
    except TimeoutError:
        pass  # what is missing is counted
    await asyncio.sleep(0.2)
    return arrivals


def _spread(tabs: Tabs, chat: Spread, worker: int) -> list[Tab]:
    there = [tab for tab in tabs if chat.worker_of(tab.index) == worker]
    return there[:: max(1, len(there) // SENDERS)][:SENDERS]
