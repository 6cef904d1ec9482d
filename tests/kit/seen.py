"""What a page makes of the vars that the server sends: the rules of `tripchat/browser`, in Python.

`message_store.js`, `open_trip.js` and `trip_cards.js` say why they are as they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

Vars = dict[str, Any]

WINDOW = 60
"""The newest messages, which a tab that has just been opened knows."""
RING = 64
"""So many of the newest changes are at hand."""

_SLOT = re.compile(r"m\d+")
_CHANGE = re.compile(r"c\d+")
_LINE_CHARS = 200


class SeenTrip:
    """One trip's messages as a tab knows them, each in its newest state."""

    def __init__(self, trip_id: str) -> None:
        self.trip_id = trip_id
        self.messages: dict[int, Vars] = {}
        self._quotes: dict[int, Vars] = {}
        self._changes: dict[str, Vars] = {}
        self._rev = 0
        self._last_rev = 0
        self.missed: Vars | None = None
        """Changes of older messages that have to be asked for: after which, from where to where."""

    def take(self, vars: Vars) -> None:
        """Take vars of the room that have just arrived."""
        known_rev = self._last_rev
        newest = [value for name, value in vars.items() if _SLOT.fullmatch(name) and value]
        for message in newest:
            self._put(message)
            self._last_rev = max(self._last_rev, message["rev"])
        if "rev" in vars and newest:
            self._note_snapshot(vars["rev"], known_rev, min(each["seq"] for each in newest))
        arrived = {
            name: value
            for name, value in vars.items()
            if _CHANGE.fullmatch(name) and value["trip_id"] == self.trip_id
        }
        self._changes |= arrived
        self._last_rev = max([self._last_rev, *(each["rev"] for each in arrived.values())])
        self._replay(arrived.values())

    def _note_snapshot(self, rev: int, known_rev: int, window_low: int) -> None:
        """Only what happened to messages before the snapshot's has to be asked for."""
        if rev == self._rev:
            return
        self._rev = rev
        self._last_rev = max(self._last_rev, rev)
        first = min([*self.messages, *self._quotes])
        if 0 < known_rev < rev and first < window_low:
            self._miss(known_rev, first, window_low - 1)

    def _miss(self, after_rev: int, first: int, last: int) -> None:
        missed = self.missed or {"after_rev": after_rev, "first": first, "last": last}
        self.missed = {
            "after_rev": min(after_rev, missed["after_rev"]),
            "first": min(first, missed["first"]),
            "last": max(last, missed["last"]),
        }

    def take_missed(self, changes: Vars) -> None:
        """Take changes that were asked for; there may be more to ask for."""
        asked = {name: changes[name] for name in ("after_rev", "first", "last")}
        if self.missed is None or self.missed != asked:
            return
        for message in changes["messages"]:
            self._change({"message": message})
        if changes["complete"]:
            self.missed = None
            self._catch_up(changes["last_rev"], changes["first"], changes["last"])
        else:
            self.missed["after_rev"] = changes["messages"][-1]["rev"]

    def take_page(self, page: Vars) -> None:
        """Take a page of history, which changes that are known already may have overtaken."""
        for message in page["messages"]:
            self._put(message)
        if seqs := [message["seq"] for message in page["messages"]]:
            self._catch_up(page["last_rev"], min(seqs), max(seqs))

    def _catch_up(self, rev: int, first: int, last: int) -> None:
        """What happened since these messages were as they came is at hand, or is missed."""
        if rev < max(self._rev, self._last_rev - RING):
            self._miss(rev, first, last)
        else:
            self._replay(self._changes.values())

    def _replay(self, changes: Iterable[Vars]) -> None:
        missed = self.missed or {"first": 1, "last": 0}
        for change in sorted(changes, key=lambda each: each["rev"]):
            # A reaction tells only itself: it must not get ahead of what else is missing.
            if "message" in change or not missed["first"] <= change["seq"] <= missed["last"]:
                self._change(change)

    def _put(self, message: Vars) -> None:
        if "quote" in message:
            self._put_quote(message["quote"])
        known = self.messages.get(message["seq"])
        if known is None or _is_newer(message, known):
            self.messages[message["seq"]] = message
            self.date(message["seq"], (known or {}).get("broadcast_at"))

    def date(self, seq: int, broadcast_at: int | None) -> None:
        """Note when a message was broadcast, where that was not known."""
        message = self.messages.get(seq)
        if message and broadcast_at and "broadcast_at" not in message:
            self.messages[seq] = {**message, "broadcast_at": broadcast_at}

    def _put_quote(self, quote: Vars) -> None:
        known = self._quotes.get(quote["seq"])
        if known is None or known["rev"] < quote["rev"]:
            self._quotes[quote["seq"]] = quote

    def _change(self, change: Vars) -> None:
        if message := change.get("message"):
            self._put_quote(_quote_of(message))
            if message["seq"] in self.messages:
                self._put(message)
            return
        known = self.messages.get(change["seq"])
        if known is None or known["rev"] >= change["rev"]:
            return
        reactions = {**known.get("reactions", {})}
        mine = {**reactions.pop(change["user_id"], {})}
        mine.pop(change["emoji"], None)
        if change["there"]:
            mine[change["emoji"]] = change["rev"]
        if mine:
            reactions[change["user_id"]] = mine
        self.messages[change["seq"]] = {**known, "rev": change["rev"], "reactions": reactions}

    @property
    def last_seq(self) -> int:
        """The newest message's number, 0 without any."""
        return max(self.messages, default=0)

    @property
    def shown(self) -> list[Vars]:
        """The newest messages as they are rendered, oldest first."""
        newest = sorted(seq for seq in self.messages if seq > self.last_seq - WINDOW)
        return [self.at(seq) for seq in newest]

    def at(self, seq: int) -> Vars:
        """A message as it is rendered."""
        message = {"reactions": {}, **self.messages[seq]}
        if "quote" in message:
            message["quote"] = self._quoted(message["quote"])
        return message

    def _quoted(self, quote: Vars) -> Vars:
        """What a reply shows; which change of the original it is from cannot be seen."""
        if (original := self.messages.get(quote["seq"])) is not None:
            self._put_quote(_quote_of(original))
        quote = self._quotes.get(quote["seq"], quote)
        return {name: quote[name] for name in ("seq", "author_id", "line", "deleted")}


class SeenTrips:
    """All that a tab knows of trips: those it has opened, and its list."""

    def __init__(self) -> None:
        self.room: Vars = {}
        self.list: Vars = {}
        self._opened: dict[str, SeenTrip] = {}
        self._heard: dict[str, Vars] = {}
        self._read: dict[str, int] = {}

    @property
    def open(self) -> SeenTrip | None:
        """The trip that the tab has open."""
        trip_id = (self.room.get("trip") or {}).get("trip_id", "")
        return self._opened.setdefault(trip_id, SeenTrip(trip_id)) if trip_id else None

    def take_room(self, vars: Vars, user_id: str) -> None:
        """Take vars of the room's state."""
        self.room |= vars
        seen = self.open
        if seen is None:
            return
        seen.take(vars)
        page = vars.get("page")
        if page and page["trip_id"] in self._opened:
            self._opened[page["trip_id"]].take_page(page)
        changes = vars.get("changes")
        if changes and changes["trip_id"] in self._opened:
            self._opened[changes["trip_id"]].take_missed(changes)
        receipt = vars.get("receipt")
        if receipt and receipt["trip_id"] in self._opened:
            self._opened[receipt["trip_id"]].date(receipt["seq"], receipt["broadcast_at"])
        self._read[seen.trip_id] = max(
            self._read.get(seen.trip_id, 0), self.room.get(f"k_{user_id}", 0)
        )
        if seen.messages:
            newest = seen.messages[seen.last_seq]
            author = self.members.get(newest["author_id"])
            self._heard[seen.trip_id] = {
                "last_seq": newest["seq"],
                "last_rev": newest["rev"],
                "last_at": newest["sent_at"],
                "last_author_id": newest["author_id"],
                "last_author": author["name"] if author else "",
                "last_line": _line_of(newest),
            }

    @property
    def members(self) -> dict[str, Vars]:
        """Everybody who is or was in the open trip, by user id."""
        trip = self.room.get("trip") or {}
        return {
            name[2:]: {
                **person,
                "online": bool(self.room.get(f"o_{name[2:]}")),
                "read_seq": self.room.get(f"k_{name[2:]}", 0),
            }
            for name, person in self.room.items()
            if name.startswith("u_") and person["trip_id"] == trip.get("trip_id")
        }

    @property
    def cards(self) -> dict[str, Vars]:
        """The list of trips, by trip id."""
        return {card["trip_id"]: self._card(card) for card in self.list.get("cards") or ()}

    def _card(self, card: Vars) -> Vars:
        trip_id = card["trip_id"]
        heard = [self.list.get(f"t_{trip_id}"), self._heard.get(trip_id)]
        if self.open is None or self.open.trip_id != trip_id:
            heard.reverse()
        last = card
        for each in filter(None, heard):
            if (each["last_seq"], each["last_rev"]) >= (last["last_seq"], last.get("last_rev", 0)):
                last = each
        card = {**card, **(self.list.get(f"d_{trip_id}") or {})}
        marker = self.list.get(f"r_{trip_id}") or 0
        read = max(card["read_seq"], marker, self._read.get(trip_id, 0))
        unread = max(0, last["last_seq"] - read)
        named = self.list.get(f"n_{trip_id}")
        return {
            "title": card["title"],
            "destination": card["destination"] or "",
            "starts_on": card["starts_on"] or "",
            "ends_on": card["ends_on"] or "",
            "member_count": card["member_count"],
            "last_seq": last["last_seq"],
            "last_at": last["last_at"],
            "last_author": last["last_author"] or "",
            "last_author_id": last["last_author_id"],
            "last_line": (last["last_line"] or "")[:_LINE_CHARS],
            "unread": unread,
            "mentions": min(unread, card["mentions"] if named is None else named),
        }


def _is_newer(message: Vars, known: Vars) -> bool:
    """When a message was broadcast may become known a little later than the message."""
    dated, was_dated = ("broadcast_at" in each for each in (message, known))
    return (known["rev"], was_dated) < (message["rev"], dated)


def _line_of(message: Vars) -> str:
    if message.get("deleted"):
        return ""
    line = message.get("line", message["body"].get("text", ""))
    return " ".join(line.split())[:_LINE_CHARS]


def _quote_of(message: Vars) -> Vars:
    return {
        "seq": message["seq"],
        "rev": message["rev"],
        "author_id": message["author_id"],
        "line": _line_of(message),
        "deleted": message.get("deleted", False),
    }
