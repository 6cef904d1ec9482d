"""A site with two workers loses them, its Redis and its database, while hundreds of tabs write.

`make faults-cluster`, or `python -m tests.faults --only cluster`
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from random import Random

import httpx
from prometheus_client.parser import text_string_to_metric_families

from tests.faults.evidence import keep
from tests.faults.groups import Group, Groups
from tests.faults.recoveries import Recoveries
from tests.faults.report import Report
from tests.faults.traveller import Traveller
from tests.faults.verdict import Verdict, judged
from tests.faults.waiting import until
from tests.kit.cluster import Cluster
from tests.kit.server import OUTAGE

TABS = 1000
TRIPS = 10
MESSAGES_PER_SECOND = 20.0
CUTS_PER_SECOND = 1.0
SECONDS = 300.0
REST_SECONDS = 10.0
"""At the end nothing more fails: the last ones have to recover as well."""
AWAY_SECONDS = 4.0
LOOKS_EVERY_SECONDS = 0.1
NOTICED_SECONDS = 0.3
"""Then whoever was connected to what is gone knows it, and has not come back yet."""

CUT = "connection cut"
CUT_SECONDS = 10.0
"""A busy machine notices late."""


@dataclass(frozen=True)
class Site:
    """What can happen to a cluster; each ends when everything is there again."""

    cluster: Cluster
    random: Random

    async def loses_a_worker(self) -> None:
        """One is killed in the middle of whatever it does; another takes its place."""
        await self.cluster.kill_worker(self._any())

    async def has_a_worker_hang(self) -> None:
        """One is stopped, and says nothing more to anybody."""
        await self.cluster.hang_worker(self._any())

    async def restarts_redis(self) -> None:
        """Redis is stopped and started again."""
        await self.cluster.stop_redis()
        await self.cluster.start_redis()

    async def loses_redis(self) -> None:
        """Redis is killed, and away for some seconds."""
        await self.cluster.kill_redis()
        await asyncio.sleep(AWAY_SECONDS)
        await self.cluster.start_redis()

    async def restarts_the_database(self) -> None:
        """PostgreSQL is stopped and started again."""
        await self.cluster.stop_postgres()
        await self.cluster.start_postgres()

    async def loses_the_database(self) -> None:
        """PostgreSQL is killed, and away for some seconds."""
        await self.cluster.kill_postgres()
        await asyncio.sleep(AWAY_SECONDS)
        await self.cluster.start_postgres()

    def _any(self) -> int:
        return self.random.randrange(len(self.cluster.workers))


KILLED, HUNG = "worker killed", "worker hung"

FAULTS: dict[str, Callable[[Site], Awaitable[None]]] = {
    KILLED: Site.loses_a_worker,
    HUNG: Site.has_a_worker_hang,
    "Redis restarted": Site.restarts_redis,
    "Redis away for 4 s": Site.loses_redis,
    "PostgreSQL restarted": Site.restarts_the_database,
    "PostgreSQL away for 4 s": Site.loses_the_database,
}
"""By what the report calls them."""

FIVE_MINUTES = {
    KILLED: 10,
    HUNG: 2,
    "Redis restarted": 5,
    "Redis away for 4 s": 2,
    "PostgreSQL restarted": 3,
    "PostgreSQL away for 4 s": 1,
}
"""How often each happens."""


class Run:
    """One run: faults at even distances in random order, and connections cut all the time."""

    def __init__(self, groups: Groups, often: dict[str, int], seed: int) -> None:
        self._groups = groups
        self._often = often
        self._random = Random(seed)  # noqa: S311
        self._site = Site(groups.cluster, self._random)
        self._began = time.monotonic()
        self.recoveries = Recoveries(LOOKS_EVERY_SECONDS)
        self.cuts = 0

    async def goes(self, seconds: float) -> None:
        """Let everything happen within this time, and then recover."""
        kinds = [kind for kind, times in self._often.items() for _ in range(times)]
        self._random.shuffle(kinds)
        async with asyncio.TaskGroup() as group:
            cutting = group.create_task(self._cuts(group))
            for number, kind in enumerate(kinds):
                due = self._began + (seconds - REST_SECONDS) * number / len(kinds)
                await asyncio.sleep(max(0.0, due - time.monotonic()))
                sys.stderr.write(f"{time.monotonic() - self._began:6.1f} s  {kind}\n")
                await self._strikes(kind, group)
            await asyncio.sleep(max(0.0, self._began + seconds - time.monotonic()))
            cutting.cancel()

    async def _strikes(self, kind: str, group: asyncio.TaskGroup) -> None:
        noted = {"kind": kind, "at": round(time.monotonic() - self._began, 2)}
        self.recoveries.log.append(noted)
        began = time.monotonic()
        connections = {tab: tab.connections for tab in self._groups.tabs}
        striking = asyncio.ensure_future(FAULTS[kind](self._site))
        await asyncio.sleep(NOTICED_SECONDS)
        if kind != KILLED:
            await striking
        of_a_worker = kind in (KILLED, HUNG)
        # The others take over at once; what else is lost has to be there again.
        since = began if of_a_worker else time.monotonic()
        for each in self._groups.every:
            struck = [
                tab
                for tab in each.travellers
                if not (of_a_worker and tab.connected and tab.connections == connections[tab])
            ]
            group.create_task(self._recover(each, struck, since, kind))
        await striking
        noted["mended"] = round(time.monotonic() - self._began, 2)

    async def _recover(
        self, group: Group, struck: list[Traveller], since: float, kind: str
    ) -> None:
        wanted = await group.probes()
        await self.recoveries.of(struck, wanted, since, kind)

    async def _cuts(self, group: asyncio.TaskGroup) -> None:
        while True:
            await asyncio.sleep(self._random.expovariate(CUTS_PER_SECOND))
            tab = self._random.choice(self._groups.tabs)
            if tab.connected:
                self.cuts += 1
                group.create_task(self._cut(tab))

    async def _cut(self, tab: Traveller) -> None:
        newest = max(other.last_seq for other in self._group_of(tab).travellers)
        cut = time.monotonic()
        tab.loses_the_connection()
        await until(lambda: not tab.connected, CUT_SECONDS, f"{tab.name} was not cut", 0)
        await self.recoveries.of([tab], newest, cut, CUT)

    def _group_of(self, tab: Traveller) -> Group:
        return next(group for group in self._groups.every if group.trip_id == tab.trip_id)


async def run(
    report: Report,
    folder: Path,
    *,
    seed: int,
    seconds: float = SECONDS,
    often: dict[str, int] = FIVE_MINUTES,
    tabs: int = TABS,
    trips: int = TRIPS,
    messages_per_second: float = MESSAGES_PER_SECOND,
) -> None:
    """Let it all happen, and say what has become of everything."""
    name = f"two workers, {tabs} tabs, {trips} trips, {seconds:.0f} s (seed {seed})"
    async with AsyncExitStack() as stack:
        cluster = Cluster(folder)
        stack.push_async_callback(cluster.stop)
        await cluster.start()
        groups = await Groups.gather(stack, cluster, trips=trips, tabs=tabs, seed=seed)
        on_each = await _tabs_of_each(cluster)
        plan = Run(groups, often, seed)
        async with groups.talking(seed, messages_per_second):
            await plan.goes(seconds)
        verdict = await _judged(groups)
        verdict.add_to(report, name)
        plan.recoveries.add_to(report, name)
        rate = verdict.sent / seconds
        report.add(
            f"{name}: messages per second", f"{messages_per_second:.0f}", f"{rate:.1f}", True
        )
        happened = ", ".join(f"{times} × {kind}" for kind, times in often.items())
        report.tell(
            name,
            f"{verdict.sent} messages were sent, {verdict.refused} refused as answers to deleted"
            f" ones. At the beginning the workers had {on_each} tabs.\n\n{happened},"
            f" {plan.cuts} × {CUT}.\n\nSeconds from the loss of a worker, and from the moment at"
            " which anything else was there again, until a tab showed what was written then:\n\n"
            f"{plan.recoveries.table()}",
        )
        if wrong := verdict.wrong | plan.recoveries.wrong:
            keep(f"cluster-{seed}", groups.every[0], wrong, plan.recoveries.log)


async def _tabs_of_each(cluster: Cluster) -> list[int]:
    """How many tabs each worker has."""
    async with httpx.AsyncClient() as http:
        answers = [await http.get(f"{url}/metrics") for url in cluster.worker_urls]
    return [
        sum(
            int(sample.value)
            for family in text_string_to_metric_families(answer.text)
            for sample in family.samples
            if sample.name == "tripchat_connections"
        )
        for answer in answers
    ]


async def _judged(groups: Groups) -> Verdict:
    """All trips together."""
    whole = Verdict()
    for verdict in await asyncio.gather(*map(judged, groups.every)):
        whole.takes(verdict)
    whole.complaints = groups.cluster.complaints(OUTAGE)
    return whole
