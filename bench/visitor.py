"""What somebody does in TripChat beside writing: the events that the browser's modules send."""

import asyncio
import base64
import os
import re
from typing import Any

from bench.site import Trip
from bench.tab import ReflexTab, TabClosed

ROOM_STATE = "reflex___state____state.tripchat___state___room____room_state"
SEQ = re.compile(rb'"seq": ?(\d+)')
PATIENCE = 10.0  # seconds


class Visitor:
    """A tab that has a trip open."""

    def __init__(self, tab: ReflexTab, trip: Trip) -> None:
        self.tab = tab
        self.newest = trip.stored  # the highest number of a message that it has seen
        self._trip_id = trip.trip_id
        self._came = asyncio.Event()
        tab.listener = self.heard

    def heard(self, frame: bytes) -> None:
        """Takes a frame that has come."""
        self.newest = max(self.newest, *map(int, SEQ.findall(frame)), 0)
        self._came.set()

    async def sees(self, seq: int) -> None:
        """Waits until message `seq` is there.

        Raises:
            TabClosed: it did not come.
        """
        try:
            async with asyncio.timeout(PATIENCE):
                while self.newest < seq:
                    self._came.clear()
                    await self._came.wait()
        except TimeoutError:
            raise TabClosed(f"message {seq} did not come to tab {self.tab.index}") from None

    def types(self) -> None:
        """Says that keys are pressed."""
        self._call("types")

    def mark_read(self, but: int = 0) -> None:
        """Says that everything there is has been seen, but for so many messages."""
        self._call("mark_read", trip_id=self._trip_id, seq=self.newest - but)

    def react(self, seq: int, emoji: str, *, there: bool) -> None:
        """Puts an emoji under a message, or takes it away."""
        self._act("react", seq, emoji=emoji, there=there)

    def edit(self, seq: int, text: str) -> None:
        """Changes what a message says."""
        self._act("edit", seq, body={"text": text})

    def _act(self, handler: str, seq: int, **rest: Any) -> None:
        action = base64.urlsafe_b64encode(os.urandom(12)).decode()
        self._call(handler, trip_id=self._trip_id, seq=seq, client_id=action, **rest)

    def _call(self, handler: str, **payload: Any) -> None:
        self.tab.send_event(f"{ROOM_STATE}.{handler}", payload)
