"""A room: one open trip as every tab on this worker sees it.

Pure data, no I/O: changes go in, the changed vars come out. A var is named as the browser knows
it in the room's state; its value is absolute, so repeating, coalescing or overtaking one is
harmless. Only the ring of changes says what has happened: those are numbered, and all of them sent.

    trip               its title, destination, days
    m<seq % WINDOW>    one of the newest messages
    c<rev % RING>      one of the latest edits, deletions and reactions, of any message
    u_<user id>        somebody who is or was in the trip
    k_<user id>        how far they have read
    o_<user id>        whether they have it open
    typing             who types, in the order in which they began
    rev                the trip's newest change that all this has in; only in snapshots: a tab that
                       was away learns from it which of its own actions are done
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from tripchat.hub import MessageAdded, MessageChange, Reacted
from tripchat.kinds.registry import kind
from tripchat.realtime.faces import hue, initials
from tripchat.services.viewing import quote
from tripchat.views import MemberView, MessageView, TripView

WINDOW = 60
"""Newest messages that a room holds and every tab gets on opening. Each is a var of its own, in a
ring: message `seq` stands in slot `seq % WINDOW`, so that a new message sends itself alone."""

RING = 64
"""Vars for changes of messages. A tab takes them as they come; a fresh one needs none of them, for
its messages have them in."""

Vars = dict[str, Any]


def slot(seq: int) -> str:
    """The var that holds message `seq` while it is one of the newest."""
    return f"m{seq % WINDOW}"


def is_change(name: str) -> bool:
    """Whether a var is one of the ring: tabs need each of its values, not only the latest."""
    return name.startswith("c")


class Room:
    """The projection of one trip: its newest messages, its members, and what they are doing."""

    def __init__(
        self,
        trip: TripView,
        members: list[MemberView],
        messages: Iterable[MessageView],
        last_rev: int,
    ) -> None:
        """Build from what the database holds; `messages` are the newest, at most `WINDOW`.

        `last_rev` was read before them: they may be newer, never older.
        """
        self.trip_id: str = trip["trip_id"]
        self.version = 0
        self.last_seq: int = 0
        self.last_rev = last_rev
        self._vars: Vars = {f"m{index}": None for index in range(WINDOW)} | {"typing": []}
        self.describe(trip)
        self.seat(members)
        for message in messages:
            self._place(message)

    # The trip and its people.

    def describe(self, trip: TripView) -> Vars:
        """Take the trip's description as it is now; gives the changed vars."""
        shown = ("trip_id", "title", "destination", "starts_on", "ends_on", "time_zone")
        return self._set({"trip": {name: trip[name] or "" for name in shown}})

    def seat(self, members: list[MemberView]) -> Vars:
        """Take the trip's members as they are now; gives the changed vars."""
        seats: Vars = {}
        for member in members:
            user_id = member["user_id"]
            seats[f"u_{user_id}"] = {
                "trip_id": self.trip_id,
                "user_id": user_id,
                "name": member["name"],
                "role": member["role"],
                "left": member["left"],
                "joined_at": member["joined_at"],
                "initials": initials(member["name"]),
                "hue": hue(user_id),
            }
            seats[f"k_{user_id}"] = max(member["read_seq"], self._vars.get(f"k_{user_id}", 0))
        return self._set(seats)

    def read(self, user_id: str, seq: int) -> Vars:
        """Note how far somebody has read; gives the changed vars."""
        name = f"k_{user_id}"
        return self._set({name: max(seq, self._vars.get(name, 0))})

    def present(self, user_id: str, here: bool) -> Vars:
        """Note that a person has the trip open now, or no longer; gives the changed vars."""
        name = f"o_{user_id}"
        return self._set({name: here}) if here or name in self._vars else {}

    def type(self, user_ids: list[str]) -> Vars:
        """Note who types now; gives the changed vars."""
        return self._set({"typing": user_ids})

    def name_of(self, user_id: str) -> str:
        """The name of somebody who is or was in the trip; empty for anybody else."""
        return self._vars.get(f"u_{user_id}", {}).get("name", "")

    def card(self) -> Vars:
        """What a list of trips shows of it besides its newest message."""
        shown = ("title", "destination", "starts_on", "ends_on")
        seats = (seat for name, seat in self._vars.items() if name.startswith("u_"))
        return {name: self._vars["trip"][name] for name in shown} | {
            "member_count": sum(not seat["left"] for seat in seats)
        }

    # Its messages.

    def apply(self, change: MessageChange) -> Vars:
        """Take the next change of a message; gives the changed vars, none if it is known already.

        Raises:
            GapError: a change before it is missing and has to be read from the database first.
        """
        rev = change.rev if isinstance(change, Reacted) else change.message["rev"]
        if rev <= self.last_rev:
            return self._know_already(change)
        if rev > self.last_rev + 1:
            raise GapError(self.last_rev, rev)
        if isinstance(change, Reacted):
            self.last_rev = rev
            return self._react(change)
        return self.take(change.message)

    def take(self, message: MessageView) -> Vars:
        """Take a message as it is now, new or changed; gives the changed vars.

        Of messages that were read from the database, take those with a lower `rev` first.
        """
        self.last_rev = max(self.last_rev, message["rev"])
        held = self._vars[slot(message["seq"])]
        if held is None or held["seq"] < message["seq"]:
            return self._place(message)
        if held["seq"] == message["seq"] and held["rev"] >= message["rev"]:
            return {}
        return self._change(_with_line(message))

    def _know_already(self, change: MessageChange) -> Vars:
        """A message that was read from the database before its worker had told of it."""
        if isinstance(change, MessageAdded) and "broadcast_at" in change.message:
            return self.date(change.message["seq"], change.message["broadcast_at"])
        return {}

    def date(self, seq: int, broadcast_at: int) -> Vars:
        """Note when a message was broadcast, where that was not known; gives the changed vars."""
        held = self._at(seq)
        if held is None or "broadcast_at" in held:
            return {}
        return self._set({slot(seq): {**held, "broadcast_at": broadcast_at}})

    @property
    def undated(self) -> dict[str, int]:
        """The newest messages of which it is not known when they were broadcast: `seq` by id."""
        held = map(self._at, range(max(1, self.last_seq - WINDOW + 1), self.last_seq + 1))
        return {each["id"]: each["seq"] for each in held if each and "broadcast_at" not in each}

    def newest(self) -> MessageView | None:
        """The newest message, None while there is none."""
        return self._vars[slot(self.last_seq)]

    def _at(self, seq: int) -> MessageView | None:
        held = self._vars[slot(seq)]
        return held if held is not None and held["seq"] == seq else None

    def _place(self, message: MessageView) -> Vars:
        self.last_seq = max(self.last_seq, message["seq"])
        return self._set({slot(message["seq"]): _with_line(message)})

    def _change(self, message: MessageView) -> Vars:
        """An edited or deleted message, and what replies to it quote."""
        held = self._at(message["seq"])
        if held is not None:
            # Who changes a message may not know yet when it was broadcast.
            if "broadcast_at" in held and "broadcast_at" not in message:
                message = {**message, "broadcast_at": held["broadcast_at"]}
            self._vars[slot(message["seq"])] = message
        self._quote(message["seq"], quote(message))
        return self._tell(message["rev"], {"message": message})

    def _react(self, change: Reacted) -> Vars:
        held = self._at(change.seq)
        if held is not None and held["rev"] >= change.rev:
            return {}
        if held is not None:
            self._vars[slot(change.seq)] = _with_reaction(held, change)
        self._quote(change.seq, {"rev": change.rev})
        what = ("seq", "user_id", "emoji", "there")
        told = {name: getattr(change, name) for name in what}
        return self._tell(change.rev, told)

    def _quote(self, seq: int, changed: Mapping[str, Any]) -> None:
        """Change what replies to a message show of it."""
        for held in map(self._at, range(max(1, self.last_seq - WINDOW + 1), self.last_seq + 1)):
            shown = held.get("quote") if held else None
            if held and shown and shown["seq"] == seq and shown["rev"] < changed["rev"]:
                self._vars[slot(held["seq"])] = {**held, "quote": {**shown, **changed}}

    def _tell(self, rev: int, what: Vars) -> Vars:
        self.version += 1
        return {f"c{rev % RING}": {"trip_id": self.trip_id, "rev": rev, **what}}

    # All of it.

    def snapshot(self) -> Vars:
        """Every var as it is now: what a tab that opens the trip needs.

        That somebody is not here is said as well: a tab that comes back may believe they are.
        """
        people = [name[2:] for name in self._vars if name.startswith("u_")]
        away = {f"o_{user_id}": False for user_id in people}
        return away | self._vars | {"rev": self.last_rev}

    def _set(self, vars: Vars) -> Vars:
        changed = {name: value for name, value in vars.items() if self._vars.get(name) != value}
        if changed:
            self._vars |= changed
            self.version += 1
        return changed


def _with_reaction(message: Any, change: Reacted) -> Any:
    reactions = {**message.get("reactions", {})}
    mine = {**reactions.pop(change.user_id, {})}
    if change.there:
        mine[change.emoji] = change.rev
    else:
        mine.pop(change.emoji, None)
    if mine:
        reactions[change.user_id] = mine
    message = {**message, "rev": change.rev, "reactions": reactions}
    if not reactions:
        del message["reactions"]
    return message


def _with_line(message: MessageView) -> Any:
    """The message, with its one line for trip lists where that is not simply its text."""
    if message.get("deleted") or ("text" in message["body"] and "html" not in message["body"]):
        return {**message}
    return {**message, "line": kind(message["kind"]).line(message["body"])}


class GapError(Exception):
    """A change arrived before the one it follows."""

    def __init__(self, last_rev: int, rev: int) -> None:
        super().__init__(f"change {rev} arrived after {last_rev}")
        self.last_rev = last_rev
        self.rev = rev
