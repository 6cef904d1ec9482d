"""What the organisers of the open trip did, as far as this tab has asked for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import reflex as rx

from tripchat.services import acts, auditing
from tripchat.state.door import door
from tripchat.state.session import user_of
from tripchat.views import AuditPage, AuditView

SOMEBODY = "somebody"


@dataclass
class DeedVars:
    """Something that an organiser did."""

    entry_id: int
    deed: str
    actor: str
    what: str
    """In words, after who did it."""
    iso: str
    """ISO 8601, UTC."""


class AuditState(rx.State):
    """The deeds in the trip that this tab has open, newest first."""

    deeds: list[DeedVars] = []
    is_complete: bool = True
    """Whether there is nothing before them."""
    _of_trip: str = ""

    @rx.event
    @door(acts.READ_AUDIT)
    async def show(self):
        """Read the newest."""
        if self._of_trip != self._trip_id:
            # Another trip's must not stand there while this one's are read.
            self.deeds, self.is_complete, self._of_trip = [], True, self._trip_id
            yield
        found = await auditing.page(await user_of(self), self._trip_id)
        self.deeds = []
        self._add(found)

    @rx.event
    @door(acts.READ_AUDIT)
    async def show_earlier(self):
        """Read those before the last one shown."""
        if self.deeds and self._of_trip == self._trip_id:
            before = self.deeds[-1].entry_id
            self._add(await auditing.page(await user_of(self), self._trip_id, before=before))

    def _add(self, page: AuditPage) -> None:
        self.deeds = [*self.deeds, *map(_deed, page["entries"])]
        self.is_complete = page["complete"]

    @property
    def _trip_id(self) -> str:
        return self.rx_router_page.params.get("trip_id", "")


def _deed(entry: AuditView) -> DeedVars:
    return DeedVars(
        entry_id=entry["entry_id"],
        deed=entry["deed"],
        actor=entry["actor_name"] or SOMEBODY,
        what=_words(entry),
        iso=datetime.fromtimestamp(entry["at"] / 1000, UTC).isoformat(),
    )


def _words(entry: AuditView) -> str:
    person = entry["person_name"] or SOMEBODY
    match entry["deed"]:
        case "member-removed":
            return f"removed {person}"
        case "message-deleted":
            return f"deleted message {entry['seq']}, by {person}"
        case "invite-revoked":
            return f"revoked an invite, made by {person}"
        case "trip-changed":
            return f"changed the {_listed([_FIELDS[name] for name in entry['fields']])}"
        case "trip-erased":
            return "erased the trip"


_FIELDS = {
    "title": "title",
    "destination": "destination",
    "starts_on": "first day",
    "ends_on": "last day",
    "time_zone": "time zone",
}


def _listed(words: list[str]) -> str:
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last
