"""What can happen to a connection, drawn at random."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from random import Random

from tests.kit.proxy import Proxy

Strike = Callable[[Proxy], None]


@dataclass(frozen=True)
class Fault:
    """One fault: what happens, to whom, and for how long."""

    number: int
    kind: str
    whom: str
    """A tab, a person, or `everybody`."""
    seconds: float
    """0 for what is over at once."""


def _outage(proxy: Proxy) -> None:
    proxy.refuse()
    proxy.reset()


def _no_upgrades(proxy: Proxy) -> None:
    proxy.refuse_upgrades()
    proxy.cut()


def _lost(proxy: Proxy) -> None:
    proxy.reset()
    proxy.mend()


@dataclass(frozen=True)
class Kind:
    """How a fault of one kind begins and ends."""

    begin: Strike
    end: Strike = Proxy.mend
    lasts: bool = True


KINDS: dict[str, Kind] = {
    "cut": Kind(Proxy.cut, lasts=False),
    "reset": Kind(Proxy.reset, lasts=False),
    "stranded": Kind(Proxy.strand, lasts=False),
    "outage": Kind(_outage),
    "stalled, then late": Kind(Proxy.stall),
    "stalled, then lost": Kind(Proxy.stall, _lost),
    "nothing goes out": Kind(lambda proxy: proxy.stall(to_browser=False)),
    "nothing comes in": Kind(lambda proxy: proxy.stall(to_server=False)),
    "answers lost": Kind(lambda proxy: proxy.stall(to_server=False), _lost),
    "slow to arrive": Kind(lambda proxy: proxy.delay(1.5)),
    "narrow": Kind(lambda proxy: proxy.throttle(3_000)),
    "no upgrades": Kind(_no_upgrades),
}


def drawn(count: int, seed: int, tabs: list[str], people: list[str]) -> list[Fault]:
    """So many faults: mostly of one tab, some of a person with all tabs, a few of everybody."""
    random = Random(seed)  # noqa: S311
    faults: list[Fault] = []
    kinds: list[str] = []
    for number in range(1, count + 1):
        if not kinds:
            # Each kind once before any comes again: a short run has seen them all.
            kinds = random.sample(list(KINDS), len(KINDS))
        kind = kinds.pop()
        chance = random.random()
        one = random.choice(people if chance < 0.12 else tabs)
        whom = "everybody" if chance < 0.02 else one
        lasts = min(20.0, 0.2 + random.expovariate(1 / 3)) if KINDS[kind].lasts else 0.0
        faults.append(Fault(number, kind, whom, round(lasts, 2)))
    return faults


async def befalls(
    fault: Fault,
    proxies: Iterable[Proxy],
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> None:
    """Let it happen, and mend it."""
    proxies = list(proxies)
    kind = KINDS[fault.kind]
    for proxy in proxies:
        kind.begin(proxy)
    await sleep(fault.seconds)
    for proxy in proxies:
        kind.end(proxy)
