"""What so many open tabs need, in each of three ways to spread them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import ceil, inf, isinf

from bench.scaling.figures import Figures, Traffic

BUSY = 0.6  # of a core: what a worker is planned for; the rest is for storms and for tails
ONE_CHANNEL, CHANNEL_EACH, ROUTED = "one channel", "a channel for each trip", "trips routed"


@dataclass(frozen=True)
class Demand:
    """Cores are CPU seconds each second."""

    tabs: int
    way: str
    workers: float  # one core each; infinite where more of them do not help
    listening: float  # of a worker's core, for what concerns none of its tabs
    memory: float  # bytes, of all workers
    redis: float  # cores
    postgres: float  # cores
    commits: float  # each second
    connections: float
    bandwidth: float  # bits each second, to the tabs


def own_work(figures: Figures, traffic: Traffic) -> float:
    """CPU of one open tab each second, wherever it is."""
    f, t = figures, traffic
    per_message = (
        f.send_worker * (1 + t.reactions / t.messages)
        + t.frames * t.tabs_of_a_trip * f.delivery
        + t.marks * f.mark_worker
        + t.signs * f.sign_worker
    )
    return t.each_second * per_message + t.opens / 3600 * f.open_worker + f.idle_tab


def demand(tabs: int, way: str, figures: Figures, traffic: Traffic) -> Demand:
    """Of so many tabs."""
    f, t = figures, traffic
    changes = tabs * t.each_second * t.changes
    heard: Callable[[float], float] = {
        # Every worker hears every change.
        ONE_CHANNEL: lambda workers: changes * f.heard,
        # Those hear it that have a tab in the trip: each of its tabs may be on another one.
        CHANNEL_EACH: lambda workers: changes * min(workers, t.tabs_of_a_trip) / workers * f.heard,
        # All tabs of a trip are on one worker: only its person's other tabs are elsewhere.
        ROUTED: lambda workers: changes / workers * f.heard,
    }[way]
    work = tabs * own_work(f, t)
    workers = _workers(work, heard)
    listeners = {
        ONE_CHANNEL: workers,
        CHANNEL_EACH: min(workers, t.tabs_of_a_trip),
        ROUTED: 1,
    }[way]
    sends = tabs * t.each_second * (1 + t.reactions / t.messages)
    marks = tabs * t.each_second * t.marks
    frames = t.frames - 1
    return Demand(
        tabs=tabs,
        way=way,
        workers=workers,
        listening=heard(workers) if not isinf(workers) else inf,
        memory=tabs * f.tab_memory + workers * f.worker_memory,
        redis=changes * (f.publish + listeners * f.passed_on),
        postgres=sends * f.send_postgres
        + marks * f.mark_postgres
        + tabs * t.opens / 3600 * f.open_postgres,
        commits=sends + marks,
        connections=workers * f.connections,
        bandwidth=8 * tabs * t.each_second * t.tabs_of_a_trip * (f.frame + frames * f.small_frame),
    )


def _workers(work: float, heard: Callable[[float], float]) -> float:
    """As many as are needed so that none is busier than planned; infinite if that never is."""
    workers = max(1.0, float(ceil(work / BUSY)))
    for _ in range(10_000):
        free = BUSY - heard(workers)
        if free <= 0.01:
            return inf
        needed = max(1.0, float(ceil(work / free)))
        if needed <= workers:
            return workers
        workers = needed
    return inf


def most_tabs(figures: Figures, traffic: Traffic) -> int:
    """With one channel: where hearing of everything takes all that a worker is planned for."""
    return int(BUSY / (traffic.each_second * traffic.changes * figures.heard))


def lines(figures: Figures, traffic: Traffic) -> Iterator[str]:
    """The table."""
    yield (
        "| open tabs | way | workers (a core each) | of it listening | memory | Redis | "
        "PostgreSQL | commits/s | connections | to the tabs |"
    )
    yield "|---:|---|---:|---:|---:|---:|---:|---:|---:|---:|"
    for tabs in (10_000, 100_000, 1_000_000):
        for way in (ONE_CHANNEL, CHANNEL_EACH, ROUTED):
            yield _line(demand(tabs, way, figures, traffic))


def _line(need: Demand) -> str:
    if isinf(need.workers):
        return f"| {need.tabs:,} | {need.way} | more do not help |  |  |  |  |  |  |  |"
    return (
        f"| {need.tabs:,} | {need.way} | {need.workers:,.0f} | {need.listening:.0%} | "
        f"{need.memory / 1e9:,.1f} GB | {need.redis:.2f} cores | {need.postgres:.1f} cores | "
        f"{need.commits:,.0f} | {need.connections:,.0f} | {need.bandwidth / 1e6:,.0f} Mbit/s |"
    )
