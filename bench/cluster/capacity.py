"""How much one worker and two workers deliver in time, and what each delivery costs them.

First at a steady rate: the CPU that a delivery costs says how many there would be with a core for
each worker. Then faster and faster, up to the highest rate at which 95 of 100 deliveries come
within 50 ms. For that each worker is held to a small part of a core: so there is always one free
for it, as on a machine with more than two of them, beside PostgreSQL, Redis and the load client.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from bench.cluster.crowd_of_tabs import Crowd, Load
from bench.cluster.rows import Row
from bench.cluster.site import Cluster, Company, Spread
from bench.figures import Spread as Range
from bench.figures import number
from bench.progress import say
from bench.quota import NoQuota, held
from bench.tabs import open_tabs
from bench.tripchat import TripChat

GOAL = 1.7
RATE = 100  # messages a second in all trips together
NAMES = ("one worker", "two workers")
HELD = 0.25  # of a core, for each worker
IN_TIME = 50.0  # milliseconds, of 95 in 100 deliveries
FROM = 30.0  # messages a second, for each worker
FASTER = 1.2  # times the rate before
CLOSER = 3  # times that the step between what went and what did not is halved
PROBE = 3.0  # seconds
TRIES = 2  # for a rate, as something else may have disturbed the first

_Pair = tuple[Load, Load]
"""Of one worker and of two."""


@dataclass
class Capacity:
    """One worker and two, in turns."""

    trips: int
    before: float  # CPU seconds of a worker each second, with nobody there
    is_held: bool  # whether this machine let us hold workers to a part of a core
    steady: list[_Pair]
    most: list[_Pair]

    def rows(self) -> Iterator[Row]:
        """The steady load, then the most that comes in time."""
        tabs = self.steady[0][0].tabs
        where = f"{tabs:,} tabs in {self.trips} trips"
        for name, loads in zip(NAMES, zip(*self.steady, strict=True), strict=True):
            cost = _range([each.cost for each in loads], "us")
            yield Row(f"{where}, {RATE} messages/s, {name}: workers' CPU per delivery", cost)
        yield _row_of_goal(
            "deliveries of two workers by those of one, each with a core of its own (by that CPU)",
            [two.capacity / one.capacity for one, two in self.steady],
        )
        heard = [
            (one.idle_cpu - self.before * one.seconds) / one.messages for one, _ in self.steady
        ]
        yield Row(
            "CPU of a message on a worker where nobody has the trip open",
            _range([1e6 * each for each in heard], "us"),
        )
        cores = f"{HELD} of a core each" if self.is_held else "all cores for everybody"
        for name, loads in zip(NAMES, zip(*self.most, strict=True), strict=True):
            yield Row(
                f"{where}, {cores}, {name}: most deliveries/s of which 95 % take at most "
                f"{IN_TIME:.0f} ms",
                _range([each.per_second for each in loads]),
            )
            yield Row(
                "cores of workers + PostgreSQL + Redis + load client",
                " + ".join(_cores(loads)),
            )
        ratios = [two.per_second / one.per_second for one, two in self.most]
        label = "deliveries of two workers by those of one, by the clock"
        yield _row_of_goal(label, ratios) if self.is_held else Row(label, f"{_range(ratios)} x")
        if missing := sum(load.missing for pair in (*self.steady, *self.most) for load in pair):
            yield Row("deliveries that did not come", f"{missing:,}", "none", False)


def _cores(loads: Sequence[Load]) -> Iterator[str]:
    seconds = sum(each.seconds for each in loads)
    for part in ("worker_cpu", "postgres_cpu", "redis_cpu", "client_cpu"):
        yield f"{sum(getattr(each, part) for each in loads) / seconds:.2f}"


def _row_of_goal(label: str, ratios: Sequence[float]) -> Row:
    met = Range.of(ratios).median >= GOAL
    return Row(label, f"{_range(ratios)} x", f"at least {GOAL} x", met)


def _range(values: Sequence[float], unit: str = "") -> str:
    spread = Range.of(values)
    return f"{number(spread.median)} {unit}".rstrip() + (
        f" ({number(spread.low)}–{number(spread.high)})" if spread.low != spread.high else ""
    )


async def capacity(
    cluster: Cluster, companies: Sequence[Company], tabs: int, seconds: float, turns: int
) -> Capacity:
    """Has one worker serve all tabs, then both of them half each, and again."""
    before = cluster.cpu()
    await asyncio.sleep(seconds)
    idle = cluster.cpu().since(before).workers[-1] / seconds
    found = Capacity(len(companies), idle, _can_hold(), [], [])
    for _ in range(turns):
        steady: list[Load] = []
        most: list[Load] = []
        for workers in (cluster.workers[:1], cluster.workers):
            async with open_tabs(Spread(cluster, companies, workers), tabs) as opened:
                crowd = Crowd(cluster, Spread(cluster, companies, workers), opened)
                with _on_cores(cluster.workers):
                    steady.append(await crowd.measured(seconds, RATE))
                with ExitStack() as stack:
                    for worker in workers if found.is_held else ():
                        stack.enter_context(held(worker.server.pids, HELD))
                    most.append(await _most(crowd, len(workers)))
        found.steady.append((steady[0], steady[1]))
        found.most.append((most[0], most[1]))
    return found


async def _most(crowd: Crowd, workers: int) -> Load:
    """The load at the highest rate that comes in time."""
    rate, best, low, high = FROM * workers, None, 0.0, 0.0
    closer = 0
    while best is None or closer < CLOSER:
        load = await _tried(crowd, rate)
        say(f"    {workers} workers, {rate:.0f} messages/s: p95 {load.p95:.1f} ms")
        if load.p95 <= IN_TIME and not load.missing:
            best, low = load, rate
        elif not low:  # not even the first
            rate /= 2
            continue
        else:
            high = rate
        closer += bool(high)
        rate = (low * high) ** 0.5 if high else low * FASTER
    return best


async def _tried(crowd: Crowd, rate: float) -> Load:
    loads: list[Load] = []
    while len(loads) < TRIES:
        loads.append(await crowd.measured(PROBE, rate))
        if loads[-1].p95 <= IN_TIME:
            break
    return loads[-1]


def _can_hold() -> bool:
    try:
        with held([], HELD):
            return True
    except NoQuota:
        return False


@contextmanager
def _on_cores(workers: Sequence[TripChat]) -> Iterator[None]:
    """Each of them is kept on a core of its own."""
    for core, worker in enumerate(workers):
        worker.server.pin(core)
    try:
        yield
    finally:
        for worker in workers:
            worker.server.pin(None)
