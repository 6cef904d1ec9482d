"""A room: one open trip as every tab on this worker sees it.

Pure data, no I/O: changes go in, the changed vars come out. A var is named as the browser knows
it in the room's state; its value is absolute, never an increment, so repeating, coalescing or
overtaking one is harmless.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tripchat.kinds.registry import kind
from tripchat.realtime.faces import hue, initials
from tripchat.views import MemberView, MessageView, TripView

WINDOW = 60
"""Newest messages that a room holds and every tab gets on opening. Each is a var of its own, in a
ring: message `seq` stands in slot `seq % WINDOW`, so that a new message sends itself alone."""

Vars = dict[str, Any]


def slot(seq: int) -> str:
    """The var that holds message `seq` while it is one of the newest."""
    return f"m{seq % WINDOW}"


class Room:
    """The projection of one trip: its newest messages and its members."""

    def __init__(
        self, trip: TripView, members: list[MemberView], messages: Iterable[MessageView]
    ) -> None:
        """Build from what the database holds; `messages` are the newest, at most `WINDOW`."""
        self.trip_id: str = trip["trip_id"]
        self.version = 0
        self.last_seq: int = 0
        self._vars: Vars = {f"m{index}": None for index in range(WINDOW)}
        self._vars |= _described(trip, members)
        for message in messages:
            self._place(message)

    def _place(self, message: MessageView) -> Vars:
        change = {slot(message["seq"]): _with_line(message)}
        self._vars |= change
        self.last_seq = max(self.last_seq, message["seq"])
        return change

    def add(self, message: MessageView) -> Vars:
        """Take the next message; gives the changed vars, none if it was there already.

        Raises:
            GapError: a message before it is missing and has to be read from the database first.
        """
        if message["seq"] <= self.last_seq:
            return {}
        if message["seq"] > self.last_seq + 1:
            raise GapError(self.last_seq, message["seq"])
        self.version += 1
        return self._place(message)

    def describe(self, trip: TripView, members: list[MemberView]) -> Vars:
        """Take the trip's description and members as they are now; gives the changed vars."""
        change = _described(trip, members)
        self._vars |= change
        self.version += 1
        return change

    def present(self, user_id: str, here: bool) -> Vars:
        """Note that a person has the trip open now, or no longer; gives the changed vars."""
        name = f"o_{user_id}"
        if self._vars.get(name, False) is here:
            return {}
        self.version += 1
        self._vars[name] = here
        return {name: here}

    def name_of(self, user_id: str) -> str:
        """The name of somebody who is or was in the trip; empty for anybody else."""
        return next((m["name"] for m in self._vars["members"] if m["user_id"] == user_id), "")

    def snapshot(self) -> Vars:
        """Every var as it is now: what a tab that opens the trip needs.

        That somebody is not here is said as well: a tab that comes back may believe they are.
        """
        absent = {f"o_{member['user_id']}": False for member in self._vars["members"]}
        return absent | self._vars


def _with_line(message: MessageView) -> dict[str, Any]:
    """The message, with its one line for the trip list where its body has no text to show there."""
    if "text" in message["body"]:
        return {**message}
    return {**message, "line": kind(message["kind"]).line(message["body"])}


def _described(trip: TripView, members: list[MemberView]) -> Vars:
    """The vars of the trip and its members, as the browser shows them."""
    shown = ("trip_id", "title", "destination", "starts_on", "ends_on", "time_zone")
    return {
        "trip": {name: trip[name] or "" for name in shown},
        "members": [
            {**member, "initials": initials(member["name"]), "hue": hue(member["user_id"])}
            for member in members
        ],
    }


class GapError(Exception):
    """A message arrived before the one it follows."""

    def __init__(self, last_seq: int, seq: int) -> None:
        super().__init__(f"message {seq} arrived after {last_seq}")
        self.last_seq = last_seq
        self.seq = seq
