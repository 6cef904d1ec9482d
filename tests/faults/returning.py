"""A tab that comes back by itself, by the page's rule; cheap enough for hundreds in a process."""

from __future__ import annotations

import asyncio
import json
import random
import re
import time
from importlib.metadata import version

from bench import packets
from bench.tab import NAMESPACE, Page, ReflexTab, TabClosed
from bench.websocket import HandshakeRefused, Inbox
from tests.kit.people import COOKIE, Account
from tests.kit.tab import ROOM_STATE

STEPS = (1.0, 2.0, 5.0, 10.0)
STABLE_SECONDS = 10.0
PATIENCE_SECONDS = 20.0
"""How long one attempt may take until the page is hydrated."""

_CONTENT = len(packets.EVENT + f"{NAMESPACE},".encode())
_SLOT = re.compile(r"m\d+_rx_state_")


class Backoff:
    """When to try again: the steps of the page, each with jitter of up to half."""

    def __init__(self) -> None:
        self._attempts = 0

    def delay(self) -> float:
        """The seconds until the next attempt."""
        step = STEPS[min(self._attempts, len(STEPS) - 1)]
        self._attempts += 1
        return random.uniform(step / 2, step)  # noqa: S311

    def reset(self) -> None:
        """The connection was stable."""
        self._attempts = 0


class ReturningTab(ReflexTab):
    """Shows a trip; notes when it tried to connect and when it knew what."""

    def __init__(self, index: int, inbox: Inbox, port: int, person: Account, trip_id: str) -> None:
        page = Page(f"/trip/{trip_id}", {"trip_id": trip_id})
        cookie = f"{COOKIE}={person.token}"
        super().__init__(index, inbox, port, page, version("reflex"), cookie)
        self.trip_id = trip_id
        self.attempts: list[float] = []
        """When it tried to come back (seconds of `time.perf_counter`, as all moments here)."""
        self.hydrated_at: float | None = None
        """Since when it can be used; None while it cannot."""
        self.seqs: set[int] = set()
        self.last_seq = 0
        self.last_seq_at = 0.0
        """When the newest message came."""
        self.new_tokens = 0
        """How often the server has given it another token."""
        self._gone = asyncio.Event()
        self._news = asyncio.Event()

    @property
    def caught_up_at(self) -> float:
        """When it was hydrated and had its newest message."""
        return max(self.hydrated_at or 0.0, self.last_seq_at)

    async def until_back(self, newest: int) -> None:
        """Wait until it can be used and has the trip's message `newest`."""
        while self.hydrated_at is None or self.last_seq < newest:
            self._news.clear()
            await self._news.wait()

    def faults(self, newest: int) -> list[str]:
        """What is wrong with a tab that is back."""
        missing = set(range(min(self.seqs), newest + 1)) - self.seqs
        faults = [f"tab {self.index} has never seen {sorted(missing)}"] if missing else []
        return faults + [f"tab {self.index} was given another token"] * self.new_tokens

    async def stay(self) -> None:
        """Come back whenever the open tab has lost its connection, until cancelled."""
        backoff = Backoff()
        while True:
            await self._gone.wait()
            if self.hydrated_at and time.perf_counter() - self.hydrated_at >= STABLE_SECONDS:
                backoff.reset()
            self.hydrated_at = None
            await asyncio.sleep(backoff.delay())
            self.attempts.append(time.perf_counter())
            self._gone.clear()
            try:
                await self.open(PATIENCE_SECONDS)
            except (TabClosed, HandshakeRefused, OSError):
                self.close()
                self._gone.set()

    def _ready(self, when: float) -> None:
        self.hydrated_at = when
        super()._ready(when)

    def _lost(self, closed: asyncio.Future[str]) -> None:
        super()._lost(closed)
        if self._socket is not None and closed is self._socket.closed:
            self._gone.set()

    def _frame(self, when: float, frame: bytes) -> None:
        if frame.startswith(packets.EVENT):
            self._take(when, frame)
        super()._frame(when, frame)
        self._news.set()

    def _take(self, when: float, frame: bytes) -> None:
        event, content = json.loads(frame[_CONTENT:])
        if event == "new_token":
            self.new_tokens += 1
        if event != "event":
            return
        for name, message in (content.get("delta") or {}).get(ROOM_STATE, {}).items():
            if _SLOT.fullmatch(name) and message:
                self.seqs.add(message["seq"])
                if message["seq"] > self.last_seq:
                    self.last_seq, self.last_seq_at = message["seq"], when
