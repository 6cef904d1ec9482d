"""How messages reach the tabs: steadily, and all at once."""

import asyncio
import gc
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from math import inf

from bench.arrivals import Arrivals
from bench.figures import percentile
from bench.tabs import Tabs
from bench.usage import Usage

RATE = 10  # messages per second
WARM_UP = 10  # messages sent before measuring
BURST = 200  # messages sent at once


@dataclass(frozen=True)
class Delivery:
    """One measurement. A message that never came counts as infinitely late."""

    chat: str
    tabs: int
    messages: int
    p50: float  # milliseconds from send to arrival
    p95: float
    p99: float
    seconds: float  # from the first send to the last arrival
    missing: int  # deliveries that did not come in time
    bytes_per_message: float  # read from each tab's socket, frame headers included
    frame_bytes: float  # the same per frame that brought a message
    cpu_per_1000: float  # server CPU seconds per 1,000 deliveries
    client_busy: float  # share of its core the load client used, 0 to 1
    others_busy: float  # cores that other processes of the machine kept busy meanwhile
    delays: list[float] = field(repr=False)  # milliseconds of each delivery


async def steady(tabs: Tabs, seconds: float, patience: float = 10.0) -> Delivery:
    """Messages at `RATE` for `seconds`, on the clock whatever the server does with them."""

    async def send(arrivals: Arrivals) -> None:
        start = time.perf_counter()
        for index in range(arrivals.messages):
            await asyncio.sleep(max(0.0, start + index / RATE - time.perf_counter()))
            tabs.send(arrivals, index)

    warming = tabs.expect(WARM_UP)
    await send(warming)
    await _all_there(warming, patience)
    return await _measure(tabs, round(seconds * RATE), send, patience)


async def burst(tabs: Tabs, messages: int = BURST, patience: float = 30.0) -> Delivery:
    """That many messages, written to the sockets as fast as they go."""

    async def send(arrivals: Arrivals) -> None:
        for index in range(arrivals.messages):
            tabs.send(arrivals, index)

    return await _measure(tabs, messages, send, patience)


async def _measure(
    tabs: Tabs, messages: int, send: Callable[[Arrivals], Awaitable[None]], patience: float
) -> Delivery:
    arrivals = tabs.expect(messages)
    gc.collect()
    gc.disable()
    received, before = tabs.received, Usage.now(tabs.chat.server)
    try:
        await send(arrivals)
        await _all_there(arrivals, patience)
    finally:
        gc.enable()
    received, used = tabs.received - received, Usage.now(tabs.chat.server).since(before)
    delays = [1000 * delay for delay in arrivals.delays]
    delays += [inf] * arrivals.missing
    came = arrivals.expected - arrivals.missing
    return Delivery(
        chat=tabs.chat.name,
        tabs=len(tabs),
        messages=messages,
        p50=percentile(delays, 50),
        p95=percentile(delays, 95),
        p99=percentile(delays, 99),
        seconds=arrivals.last_arrived - arrivals.first_sent if came else inf,
        missing=arrivals.missing,
        bytes_per_message=received / arrivals.expected if came else inf,
        frame_bytes=received / arrivals.frames if came else inf,
        cpu_per_1000=1000 * used.server / came if came else inf,
        client_busy=used.client / used.clock,
        others_busy=max(0.0, used.machine - used.server - used.client) / used.clock,
        delays=delays,
    )


async def _all_there(arrivals: Arrivals, patience: float) -> None:
    try:
        async with asyncio.timeout(patience):
            await arrivals.complete.wait()
    except TimeoutError:
        pass
    await asyncio.sleep(0.2)  # what follows a message (read marks, list lines) is counted too
