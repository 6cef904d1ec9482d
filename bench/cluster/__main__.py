"""`python -m bench.cluster`: measures two workers on PostgreSQL and Redis, and prints one table.

All run on this machine: each figure that depends on how many cores are free says so. Parts can be
chosen by name.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, cast

import psutil
import uvloop

from bench.cluster.capacity import capacity
from bench.cluster.closings import closings
from bench.cluster.comings import comings
from bench.cluster.crossing import crossing
from bench.cluster.gestures import gestures
from bench.cluster.hearing import hearing
from bench.cluster.redis_load import redis_load
from bench.cluster.rows import Part, markdown
from bench.cluster.sends import sends
from bench.cluster.site import Cluster, Company, a_cluster
from bench.cluster.stored import stored
from bench.people import SetUpFailed
from bench.progress import say
from bench.results import machine
from bench.server import NotReady
from bench.tab import TabClosed
from bench.websocket import HandshakeRefused, Inbox

TRIPS = 10
QUIET = 0.1


@dataclass(frozen=True)
class Plan:
    """How much is measured."""

    sizes: Sequence[int]  # stored messages
    each: int  # trips of every size
    samples: int
    tabs: int
    seconds: float
    turns: int


FULL = Plan((1_000, 100_000, 1_000_000), 3, 30, 1_000, 10.0, 3)
QUICK = Plan((1_000, 10_000, 100_000), 1, 5, 200, 3.0, 1)


@dataclass
class Run:
    """One run, from start to table."""

    plan: Plan
    parts: dict[str, Part] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    began: float = field(default_factory=time.time)

    async def measure(self, port: int, chosen: Sequence[str]) -> None:
        """Measures the chosen parts; what cannot be measured becomes a note."""
        say("starting PostgreSQL, Redis and two workers")
        inbox = Inbox(asyncio.get_running_loop())
        async with a_cluster(inbox, port) as cluster:
            companies = await cluster.companies(TRIPS)
            for name, part in self._all(cluster, companies).items():
                if name in chosen:
                    say(name)
                    await self._part(name, part)

    async def _part(self, name: str, part: Callable[[], Awaitable[Any]]) -> None:
        try:
            self.parts[name] = found = cast(Part, await part())
        except (NotReady, SetUpFailed, TabClosed, HandshakeRefused, TimeoutError) as problem:
            self.notes.append(f"{name}: {problem!r}")
            return
        for row in found.rows():
            say("  " + " | ".join(row.cells()))

    def _all(
        self, cluster: Cluster, companies: Sequence[Company]
    ) -> dict[str, Callable[[], Awaitable[Any]]]:
        plan = self.plan
        return {
            "stored": lambda: stored(cluster, plan.sizes, plan.each, plan.samples),
            "comings": lambda: comings(cluster, companies, plan.tabs, plan.seconds),
            "crossing-100": lambda: crossing(cluster, companies[0], 100, plan.seconds, plan.turns),
            "crossing-500": lambda: crossing(cluster, companies[0], 500, plan.seconds, plan.turns),
            "capacity": lambda: capacity(cluster, companies, plan.tabs, plan.seconds, plan.turns),
            "sends": lambda: sends(cluster, plan.seconds),
            "gestures": lambda: gestures(cluster, companies),
            "closings": lambda: closings(cluster, plan.samples // 2),
            "hearing": lambda: hearing(cluster, plan.seconds),
            "redis": lambda: redis_load(plan.seconds),
        }

    def table(self) -> str:
        """Everything that was found out."""
        return markdown((row for part in self.parts.values() for row in part.rows()), self.notes)

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "began": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(self.began)),
            "seconds": round(time.time() - self.began),
            "machine": machine(),
            "parts": {name: asdict(cast(Any, part)) for name, part in self.parts.items()},
            "notes": self.notes,
        }


PARTS = (
    "stored",
    "comings",
    "crossing-100",
    "crossing-500",
    "capacity",
    "sends",
    "gestures",
    "closings",
    "hearing",
    "redis",
)


def main() -> None:
    """Reads the arguments, runs, prints the table and writes the JSON."""
    parser = argparse.ArgumentParser(prog="bench.cluster", description=__doc__)
    parser.add_argument("parts", nargs="*", default=PARTS, help=f"of {', '.join(PARTS)}")
    parser.add_argument("--port", type=int, default=3910, help="the first of two ports")
    parser.add_argument("--out", type=Path, help="the JSON file; one in bench/results if not given")
    parser.add_argument("--quick", action="store_true", help="fewer and shorter measurements")
    options = parser.parse_args()
    run = Run(QUICK if options.quick else FULL)
    busy = psutil.cpu_percent(1.0) / 100 * (psutil.cpu_count() or 1)
    if busy > QUIET:
        run.notes.append(f"other processes kept {busy:.1f} cores busy at the start")
    uvloop.run(run.measure(options.port, options.parts))
    name = time.strftime("cluster-%Y%m%d-%H%M%S.json", time.gmtime(run.began))
    out = options.out or Path(__file__).parents[1] / "results" / name
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(run.as_dict(), indent=1))
    print(run.table())
    say(f"{time.time() - run.began:.0f} s; all figures are in {out}")


if __name__ == "__main__":
    main()
