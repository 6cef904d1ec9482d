"""Tabs that lost their workers and come back: a discrete simulation of attempts and queues."""

from __future__ import annotations

import heapq
import random
from collections.abc import Sequence
from dataclasses import dataclass
from math import inf

STEPS = (1.0, 2.0, 5.0, 10.0)  # seconds before each attempt; half of each is drawn
LIMIT = 300.0  # seconds that are simulated
GIVES_UP = 20.0  # seconds that an attempt may take, as Socket.IO's client has it


@dataclass(frozen=True)
class Storm:
    """Seconds from the loss."""

    half: float
    most: float  # 95 of 100 tabs
    last: float
    attempts: float  # of each tab


def storm(
    tabs: int, workers: int, hydrate: float, ready: float = 0.0, busy: float = 0.0, seed: int = 1
) -> Storm:
    """All `tabs` lose their connection at once; `workers` take them back, one hydrate at a time.

    Nobody listens for `ready` seconds; `busy` is the share of each core that other work takes.
    """
    chance = random.Random(seed)
    service = hydrate / (1 - busy)
    free_at = [0.0] * workers  # when each worker has done what waits for it
    tries = [0] * tabs
    events = [(_wait(chance, 0), tab) for tab in range(tabs)]
    heapq.heapify(events)
    back: list[float] = []
    while events and events[0][0] < LIMIT:
        now, tab = heapq.heappop(events)
        tries[tab] += 1
        if now >= ready:
            worker = chance.randrange(workers)
            # What has been given up is still worked off: it costs the others.
            done = free_at[worker] = max(free_at[worker], now) + service
            if done - now <= GIVES_UP:
                back.append(done)
                continue
            now += GIVES_UP
        heapq.heappush(events, (now + _wait(chance, tries[tab]), tab))
    # Whoever has not come back by then may never.
    back += [inf] * (tabs - len(back))
    back.sort()
    return Storm(_at(back, 0.5), _at(back, 0.95), back[-1], attempts=sum(tries) / tabs)


def _wait(chance: random.Random, attempt: int) -> float:
    return STEPS[min(attempt, len(STEPS) - 1)] * chance.uniform(0.5, 1)


def _at(ordered: Sequence[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
