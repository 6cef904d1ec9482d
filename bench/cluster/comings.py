"""What it costs that tabs come, and come back: the CPU of a hydrate, and the memory of a tab."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bench.cluster.rows import Row
from bench.cluster.site import Cluster, Company, Spread
from bench.figures import number
from bench.memory import SETTLE_SECONDS, Memory, memory
from bench.tabs import open_tabs

KB = 1000
GOAL = 100 * KB


@dataclass
class Comings:
    """Of so many tabs on one worker."""

    tabs: int
    memory: Memory
    worker_cpu: float  # seconds of each tab that comes to a trip that others have open
    postgres_cpu: float
    seconds: float  # until all of them were there
    idle_cpu: float  # of the worker, each second, while nobody does anything

    def rows(self) -> Iterator[Row]:
        """Memory, then CPU."""
        per_tab = self.memory.per_tab
        yield Row(
            f"memory per connected tab at {self.memory.tabs:,} tabs, beyond the empty worker's "
            f"{self.memory.empty / 1e6:.0f} MB",
            f"{per_tab / KB:.0f} KB",
            f"at most {GOAL / KB:.0f} KB",
            per_tab <= GOAL,
        )
        yield Row(
            f"{self.tabs:,} tabs come at once, until the last is there",
            f"{number(self.seconds)} s",
        )
        yield Row(
            "CPU of a tab that comes (or comes back): worker + PostgreSQL",
            f"{number(1e3 * self.worker_cpu)} + {number(1e3 * self.postgres_cpu)} ms",
        )
        yield Row(
            f"CPU of {self.tabs:,} tabs that do nothing", f"{number(1e3 * self.idle_cpu)} ms/s"
        )


async def comings(
    cluster: Cluster, companies: Sequence[Company], tabs: int, idle_seconds: float
) -> Comings:
    """Opens all tabs on one worker, twice: rooms are open already at the second time."""
    chat = Spread(cluster, companies, cluster.workers[:1])
    taken = await memory(chat, tabs)
    before = cluster.cpu()
    async with open_tabs(chat, tabs) as opened:
        used = cluster.cpu().since(before)
        await asyncio.sleep(SETTLE_SECONDS)
        before = cluster.cpu()
        await asyncio.sleep(idle_seconds)
        idle = cluster.cpu().since(before)
    return Comings(
        tabs=tabs,
        memory=taken,
        worker_cpu=used.workers[0] / tabs,
        postgres_cpu=used.postgres / tabs,
        seconds=opened.opened_in,
        idle_cpu=idle.workers[0] / idle_seconds,
    )
