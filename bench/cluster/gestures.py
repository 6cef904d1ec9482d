"""What reading and typing cost the workers: each message is followed by many read markers."""

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from bench import messages
from bench.cluster.rows import Row
from bench.cluster.site import Cluster, Company, Cpu, Spread
from bench.figures import number
from bench.tab import ReflexTab
from bench.tabs import open_tabs
from bench.visitor import Visitor

TABS = 200
RATE = 200  # a second
ROUNDS = 5  # times that everybody does it
SETTLE_SECONDS = 2.0


@dataclass(frozen=True)
class Cost:
    """CPU seconds of one."""

    worker: float
    postgres: float


@dataclass
class Gestures:
    """With tabs in trips of twenty people, on two workers."""

    mark: Cost
    type: Cost

    def rows(self) -> Iterator[Row]:
        """A line for each."""
        for what, cost in (("read marker", self.mark), ("sign of typing", self.type)):
            yield Row(
                f"CPU of a {what}, with telling the trip's 20 tabs: workers + PostgreSQL",
                f"{number(1e6 * cost.worker)} + {number(1e6 * cost.postgres)} us",
            )


async def gestures(cluster: Cluster, companies: Sequence[Company]) -> Gestures:
    """Has everybody read and type at a steady rate, on the clock."""
    chat = Spread(cluster, companies, cluster.workers)
    async with open_tabs(chat, TABS) as tabs:
        visitors = [
            Visitor(tab, companies[chat.company_of(tab.index)].trip)
            for tab in tabs
            if isinstance(tab, ReflexTab)
        ]
        for _ in range(ROUNDS):
            for visitor in visitors[: len(cluster.workers) * len(companies)]:
                chat.send(visitor.tab, messages.next_number())
            await asyncio.sleep(1.0)

        def mark(visitor: Visitor, turn: int) -> None:
            visitor.mark_read(but=ROUNDS - turn)

        def types(visitor: Visitor, turn: int) -> None:
            visitor.types()

        return Gestures(
            mark=await _cost(cluster, visitors, mark), type=await _cost(cluster, visitors, types)
        )


async def _cost(
    cluster: Cluster, visitors: Sequence[Visitor], act: Callable[[Visitor, int], None]
) -> Cost:
    seconds = ROUNDS * len(visitors) / RATE + SETTLE_SECONDS
    before = cluster.cpu()
    await asyncio.sleep(seconds)
    idle = cluster.cpu().since(before)
    before, began = cluster.cpu(), time.perf_counter()
    for turn in range(1, ROUNDS + 1):
        for visitor in visitors:
            act(visitor, turn)
            await asyncio.sleep(1 / RATE)
    await asyncio.sleep(max(0.0, began + seconds - time.perf_counter()))
    used = cluster.cpu().since(before)
    return _each(used, idle, ROUNDS * len(visitors))


def _each(used: Cpu, idle: Cpu, count: int) -> Cost:
    return Cost(
        (sum(used.workers) - sum(idle.workers)) / count,
        (used.postgres - idle.postgres) / count,
    )
