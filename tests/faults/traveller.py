"""A tab without a browser that never gives up: it comes back, catches up, and sends what it has."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from random import Random
from typing import Any, Protocol

from websockets.exceptions import WebSocketException

from tests.kit.people import Account
from tests.kit.seen import WINDOW, SeenTrip, SeenTrips, Vars
from tests.kit.server import Site
from tests.kit.tab import NAMESPACE, ROOM_STATE, Tab, tab_of

STEPS = (1.0, 2.0, 5.0, 10.0)
"""Seconds to wait before an attempt: the browser's own."""
PING_SECONDS = 30.0
DEADLINE_SECONDS = 8.0
REST_SECONDS = 1.0
"""How long nothing is sent after a message could not be stored for now."""
FORGETS_MS = 3000
"""A server that is killed forgets when it has broadcast what is younger than this."""
MOMENT = "broadcast_at"
EMOJIS = ("🎉", "👍", "❤️")


@dataclass(frozen=True)
class Patience:
    """How long a traveller waits for what."""

    steps: tuple[float, ...] = STEPS
    ping_seconds: float = PING_SECONDS
    deadline_seconds: float = DEADLINE_SECONDS


@dataclass(frozen=True)
class Entry:
    """A message that is on its way."""

    client_id: str
    text: str
    reply_to_seq: int | None


class Way(Protocol):
    """Where a tab finds the server."""

    @property
    def port(self) -> int:
        """A port of this machine."""
        ...


class Traveller:
    """What it has written leaves its outbox only when the server has answered, or it was seen."""

    def __init__(
        self, name: str, account: Account, proxy: Way, trip_id: str, patience: Patience, seed: int
    ) -> None:
        """`name` is nobody else's; it begins the tab's client ids."""
        self.name = name
        self.account = account
        self.proxy = proxy
        self.trip_id = trip_id
        self.trips = SeenTrips()
        self.token = ""
        self.written: list[str] = []
        """The client ids of all that it has taken to send, in this order."""
        self.doubtful: set[str] = set()
        self.refused: dict[str, str] = {}
        """Client id -> why the server did not take it."""
        self.violations: list[str] = []
        self.connections = 0
        self.requests = 0
        """How often it has asked for what it missed."""
        self._patience = patience
        self._random = Random(seed)  # noqa: S311
        self._outbox: list[Entry] = []
        self._run = 0
        self._resting: asyncio.TimerHandle | None = None
        self._link: Link | None = None
        self._task: asyncio.Task[None] | None = None
        self._whole_upto = 0
        self._places: dict[str, int] = {}
        """Message and client id -> seq, of all that was ever seen."""
        self._noted: set[int] = set()

    # How it is.

    @property
    def connected(self) -> bool:
        """Whether it is connected and hydrated, as far as it knows."""
        return self._link is not None and not self._link.closed

    @property
    def last_seq(self) -> int:
        """The newest message that it shows without a gap before it."""
        return self._whole_upto

    @property
    def pending(self) -> int:
        """How many messages wait to be sent or answered."""
        return len(self._outbox)

    @property
    def settled(self) -> bool:
        """Whether there is nothing left to send or to ask for."""
        seen = self.trips.open
        if seen is None or self._outbox or not self.connected:
            return False
        return seen.missed is None and self._whole_upto == seen.last_seq

    # What it does.

    def starts(self) -> None:
        """Connect, and stay connected until `stops`."""
        self._task = asyncio.create_task(self._travel())
        self._task.add_done_callback(self._has_ended)

    def _has_ended(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (problem := task.exception()):
            self.violations.append(f"it broke: {problem!r}")

    async def stops(self) -> None:
        """Go away."""
        assert self._task is not None
        self._task.cancel()
        await asyncio.wait({self._task})

    def loses_the_connection(self) -> None:
        """As when the network is gone for a moment: what was on its way is lost."""
        if self._link is not None:
            self._link.breaks()

    async def writes(self, text: str, reply: int | None = None) -> None:
        """Take a message to send, online or not; `reply` chooses what it answers."""
        recent = self._recent(lambda _: True) if reply is not None else []
        original = recent[reply % len(recent)]["seq"] if reply is not None and recent else None
        client_id = f"{self.name}-{len(self.written) + 1}"
        self.written.append(client_id)
        entry = Entry(client_id, text, original)
        self._outbox.append(entry)
        if self._link is not None and self._resting is None:
            self._link.will(*_sending(entry, self._run))

    async def edits(self, number: int, text: str) -> None:
        """Change a message of its own person, if it is connected and there is one."""
        if mine := self._recent(lambda each: each["author_id"] == self.account.user_id):
            seq = mine[number % len(mine)]["seq"]
            self._do("edit", seq=seq, body={"text": text})

    async def deletes(self, number: int) -> None:
        """Delete a message of its own person, if it is connected and there is one."""
        if mine := self._recent(lambda each: each["author_id"] == self.account.user_id):
            self._do("delete", seq=mine[number % len(mine)]["seq"])

    async def reacts(self, number: int) -> None:
        """Put an emoji under a recent message, or take it away."""
        if recent := self._recent(lambda _: True):
            message = recent[number % len(recent)]
            emoji = EMOJIS[number % len(EMOJIS)]
            there = emoji not in message.get("reactions", {}).get(self.account.user_id, {})
            self._do("react", seq=message["seq"], emoji=emoji, there=there)

    def _do(self, action: str, **arguments: Any) -> None:
        if self._link is not None:
            self._link.will(action, arguments)

    def _recent(self, fits: Callable[[Vars], bool]) -> list[Vars]:
        seen = self.trips.open
        newest = seen.shown[-20:] if seen else []
        return [each for each in newest if not each.get("deleted") and fits(each)]

    # Its connections, one after the other.

    async def _travel(self) -> None:
        attempt = 0
        while True:
            connections = self.connections
            with suppress(OSError, TimeoutError, EOFError, WebSocketException):
                await self._connect()
            attempt = 0 if self.connections > connections else attempt + 1
            step = self._patience.steps[min(attempt, len(self._patience.steps) - 1)]
            await asyncio.sleep(self._random.uniform(step / 2, step))

    async def _connect(self) -> None:
        """Connect once; returns when the connection has ended or is given up."""
        link = Link(self)
        try:
            async with asyncio.timeout(self._patience.deadline_seconds):
                await link.open()
            self._link = link
            self.connections += 1
            self._sends_again()
            await self.took(link)
            sending = asyncio.create_task(link.sends_all())
            try:
                await self._watch(link)
            finally:
                sending.cancel()
        finally:
            self._link = None
            link.is_left()

    async def _watch(self, link: Link) -> None:
        """Ask now and then whether the server is still there."""
        while not link.closed:
            if await link.waits(lambda: link.closed, self._patience.ping_seconds):
                return
            pongs = link.pongs
            await link.say(f'42{NAMESPACE},["ping"]')
            answered = lambda: link.closed or link.pongs > pongs  # noqa: B023, E731
            if not await link.waits(answered, self._patience.deadline_seconds):
                return

    def _rests(self) -> None:
        """Send nothing for a moment, then everything, in order."""
        if self._resting is None:
            loop = asyncio.get_running_loop()
            self._resting = loop.call_later(REST_SECONDS, self._sends_again)

    def _sends_again(self) -> None:
        if self._resting is not None:
            self._resting.cancel()
            self._resting = None
        self._run += 1
        if self._link is not None:
            for entry in self._outbox:
                self._link.will(*_sending(entry, self._run))

    # What comes.

    async def took(self, link: Link) -> None:
        """Something has come: see what it means, and ask for what is missing."""
        seen = self.trips.open
        if seen is None:
            return
        self._note(seen)
        for entry in list(self._outbox):
            answer = link.answers.get(entry.client_id)
            if answer and _is_passing(answer.get("status", 200)):
                del link.answers[entry.client_id]
                self._rests()
            elif answer and "problem" in answer:
                self.refused[entry.client_id] = answer["problem"]
                self._outbox.remove(entry)
            elif entry.client_id in self._places or (answer and "seq" in answer):
                self._outbox.remove(entry)
        if link is self._link:
            await self._ask(seen, link)

    def _note(self, seen: SeenTrip) -> None:
        for seq in seen.messages.keys() - self._noted:
            self._noted.add(seq)
            message = seen.messages[seq]
            for name in (message["id"], f"{message['author_id']} {message['client_id']}"):
                if self._places.setdefault(name, seq) != seq:
                    self.violations.append(f"{name} is shown at {self._places[name]} and {seq}")
            if message["author_id"] == self.account.user_id:
                self._places.setdefault(message["client_id"], seq)
        if not self._whole_upto and seen.messages:
            self._whole_upto = min(seen.messages)
        while self._whole_upto + 1 in seen.messages:
            self._whole_upto += 1

    async def _ask(self, seen: SeenTrip, link: Link) -> None:
        """Ask for what is missing, once on each connection."""
        after = self._whole_upto
        if after < seen.last_seq and link.asked_after != after:
            link.asked_after = after
            self.requests += 1
            link.will("load_page", {"after": after})
        if seen.missed and link.asked_changes != seen.missed:
            link.asked_changes = dict(seen.missed)
            self.requests += 1
            link.will("load_changes", link.asked_changes)

    # For the comparison at the end.

    async def opens_details(self, afresh: Tab) -> None:
        """Open the details of its own older messages that a fresh tab knows the broadcast of.

        As in a page: they ask for what is not known when the message has left the newest.
        """
        seen, link = self.trips.open, self._link
        if seen is None or link is None:
            return
        for seq, message in sorted(seen.messages.items()):
            mine = message["author_id"] == self.account.user_id
            known_afresh = MOMENT in afresh.seen.messages.get(seq, {})
            if mine and seq <= seen.last_seq - WINDOW and known_afresh and MOMENT not in message:
                await link.asks_for_receipt(seq)

    def shown(self) -> Vars:
        """All that it would show of the trip, and every message of the time that it was there."""
        assert self._link is not None
        seen = self._link.seen
        messages = {str(seq): seen.at(seq) for seq in sorted(seen.messages)}
        return {**self._link.room, "messages": messages}


class Link(Tab):
    """One connection of a traveller; what it hears goes to what the traveller knows already."""

    def __init__(self, traveller: Traveller) -> None:
        page = f"/trip/{traveller.trip_id}"
        super().__init__(traveller.proxy.port, page, traveller.account.token, traveller.token)
        self._traveller = traveller
        traveller.token = self.token
        self.trips = traveller.trips
        self.pongs = 0
        self.asked_after = -1
        self.asked_changes: Vars = {}
        self._calls: asyncio.Queue[tuple[str, Vars]] = asyncio.Queue()

    def will(self, action: str, arguments: Vars) -> None:
        """Do something as soon as all before it is done."""
        self._calls.put_nowait((action, arguments))

    async def sends_all(self) -> None:
        """Do what was asked for, in order."""
        with suppress(WebSocketException):
            while True:
                action, arguments = await self._calls.get()
                if action.startswith("load_"):
                    arguments = {"trip_id": self._traveller.trip_id, **arguments}
                    await self.call(f"{ROOM_STATE}.{action}", **arguments)
                else:
                    await self.does(action, self._traveller.trip_id, **arguments)

    async def asks_for_receipt(self, seq: int) -> None:
        """Ask what became of a message of its own, and wait for the answer."""
        asked = {"trip_id": self._traveller.trip_id, "seq": seq}

        def answered() -> bool:
            return self.closed or asked.items() <= (self.var(ROOM_STATE, "receipt") or {}).items()

        self.will("load_receipt", {"seq": seq})
        await self.waits(answered, DEADLINE_SECONDS)

    async def waits(self, condition: Callable[[], object], seconds: float) -> bool:
        """Wait for something for some time; says whether it has happened."""
        try:
            async with asyncio.timeout(seconds), self._changed:
                await self._changed.wait_for(condition)
        except TimeoutError:
            return False
        return True

    def breaks(self) -> None:
        """End it at once, with whatever is on its way."""
        if self._line is not None:
            self._socket.transport.abort()

    def is_left(self) -> None:
        """Hear nothing of it any more, and close it in the background as a browser does."""
        if self._reader is not None:
            self._reader.cancel()
        if self._line is not None:
            self._socket.transport.close()

    async def _apply(self, frame: str) -> None:
        self.frames.clear()
        self.heard.clear()
        event, *content = json.loads(frame[len(f"42{NAMESPACE},") :])
        if event == "pong":
            async with self._changed:
                self.pongs += 1
                self._changed.notify_all()
            return
        if event == "new_token":
            self.token = self._traveller.token = content[0]
            return
        await super()._apply(frame)
        await self._traveller.took(self)


def shown_by(tab: Tab, like: Vars, user_id: str, killed_at: Sequence[int] = ()) -> Vars:
    """The same of a fresh tab, with as many messages as the traveller, who is `user_id`, shows.

    Only those who were there know when a message was broadcast if that was right before one of the
    moments at which the server was killed. And who has read one from the database before the worker
    that stored it could say so hears of it only while it is among the newest: later a page asks for
    it when the author opens the details, and shows it to nobody else.
    """
    messages: dict[str, Vars] = {}
    newest = max(map(int, like["messages"]), default=0)
    for seq, shown in like["messages"].items():
        messages[seq] = message = tab.seen.at(int(seq))
        may_be_forgotten = any(0 <= at - message["sent_at"] < FORGETS_MS for at in killed_at)
        if may_be_forgotten and MOMENT not in message and MOMENT in shown:
            messages[seq] = message | {MOMENT: shown[MOMENT]}
        is_old = int(seq) <= newest - WINDOW
        if is_old and message["author_id"] != user_id and MOMENT not in shown:
            messages[seq] = {name: value for name, value in message.items() if name != MOMENT}
    return {**tab.room, "messages": messages}


async def fresh(server: Site, traveller: Traveller) -> Tab:
    """A tab of the same person that has just been opened, and has read back to the beginning."""
    tab = await tab_of(server, traveller.account, f"/trip/{traveller.trip_id}").open()
    while tab.seen.messages and (first := min(tab.seen.messages)) > 1:
        await tab.call(f"{ROOM_STATE}.load_page", trip_id=traveller.trip_id, before=first)
        await tab.until(lambda: min(tab.seen.messages) < first)
    return tab


def _is_passing(status: int) -> bool:
    return status == 429 or status >= 500


def _sending(entry: Entry, run: int) -> tuple[str, Vars]:
    return "send", {
        "run": run,
        "client_id": entry.client_id,
        "kind": "text",
        "body": {"text": entry.text},
        "reply_to_seq": entry.reply_to_seq,
    }
