"""Waiting for what is told from elsewhere."""

import asyncio
from collections.abc import Callable

LOOKS_EVERY_SECONDS = 0.02


async def until(
    condition: Callable[[], object],
    seconds: float,
    otherwise: str,
    looks_every: float = LOOKS_EVERY_SECONDS,
) -> None:
    """Wait until this holds; raises TimeoutError with what is wrong otherwise."""
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    while not condition():
        if loop.time() > end:
            raise TimeoutError(otherwise)
        await asyncio.sleep(looks_every)
