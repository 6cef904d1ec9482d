"""Tabs of a worker that stops go to other workers, a few at a time, before it hangs up on them.

Told in advance, a page takes the loss as planned: it connects anew at once and shows nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from tripchat.realtime.live import live

EVENT = "move"
"""The Socket.IO event that asks a page to connect anew."""

SPREAD_SECONDS = 4.0
"""About how long it takes to tell all of them: the others have to take them in meanwhile."""

EVERY_SECONDS = 0.1
FEWEST_AT_ONCE = 2

GONE_SECONDS = 3.0
"""How long the last ones may take to go."""


async def move_tabs(hurry: Callable[[], bool]) -> None:
    """Ask every tab to connect anew; comes back when they have gone, or as soon as `hurry()`."""
    broadcaster = live().broadcaster
    told: set[str] = set()
    at_once = FEWEST_AT_ONCE
    idle = 0.0
    while not hurry():
        # Some have just connected, and are on their list only now.
        waiting = [sid for sid in broadcaster.connected_tabs() if sid not in told]
        at_once = max(at_once, round(len(waiting) * EVERY_SECONDS / SPREAD_SECONDS))
        for sid in waiting[:at_once]:
            await broadcaster.tell(EVENT, to=sid)
            told.add(sid)
        if not waiting:
            if not broadcaster.connected_tabs() or idle > GONE_SECONDS:
                return
            idle += EVERY_SECONDS
        await asyncio.sleep(EVERY_SECONDS)
