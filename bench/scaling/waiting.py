"""How long a message waits on a worker that also has to hear of everything: a simulation.

A worker does one thing at a time. What it hears of trips that nobody has open there comes at
random, as does its own work; a message waits for what came before it.
"""

import heapq
import random
from collections.abc import Iterator


def waiting(
    own: float, own_cost: float, heard: float, heard_cost: float, seconds: float = 60.0
) -> tuple[float, float]:
    """The median and the 95th percentile of the wait before a worker's own work, in seconds.

    `own` and `heard` are how often each comes in a second, the costs are seconds of its core.
    """
    chance = random.Random(1)
    free_at = 0.0
    waits: list[float] = []
    arrivals = heapq.merge(
        ((at, True) for at in _arrivals(chance, own, seconds)),
        ((at, False) for at in _arrivals(chance, heard, seconds)),
    )
    for at, is_own in arrivals:
        began = max(at, free_at)
        free_at = began + (own_cost if is_own else heard_cost)
        if is_own:
            waits.append(began - at)
    waits.sort()
    return waits[len(waits) // 2], waits[int(len(waits) * 0.95)]


def _arrivals(chance: random.Random, rate: float, seconds: float) -> Iterator[float]:
    at = 0.0
    while rate and (at := at + chance.expovariate(rate)) < seconds:
        yield at
