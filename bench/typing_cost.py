"""What it costs the server to be told that somebody types."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass

from bench.server import Server
from bench.visitor import Visitor

RATE = 1_000  # events a second
IDLE_SECONDS = 3.0
REST_SECONDS = 0.5
TICK = 0.01  # seconds: CPU times are counted in these


@dataclass(frozen=True)
class TypingCost:
    """CPU time of the server's processes."""

    tabs: int  # that had the room open
    typists: int
    events: int
    idle: float  # seconds each second, with all tabs open and nothing said
    per_event: float  # seconds for each event, without what idling takes


async def typing_cost(
    server: Server, tabs: int, typists: Sequence[Visitor], events: int
) -> TypingCost:
    """Has all of them say in turns that they type."""
    idle = await _used(server, IDLE_SECONDS) / IDLE_SECONDS
    began, before = time.perf_counter(), server.cpu_seconds()
    for index in range(events):
        await asyncio.sleep(max(0.0, began + index / RATE - time.perf_counter()))
        typists[index % len(typists)].types()
    while await _used(server, REST_SECONDS) > idle * REST_SECONDS + TICK:
        pass  # it still has some of them before it
    used, seconds = server.cpu_seconds() - before, time.perf_counter() - began
    return TypingCost(tabs, len(typists), events, idle, (used - idle * seconds) / events)


async def _used(server: Server, seconds: float) -> float:
    before = server.cpu_seconds()
    await asyncio.sleep(seconds)
    return server.cpu_seconds() - before
