"""The tabs connected to this worker: whose they are and what they look at.

A tab is known by its socket id, which only the server gives. Who it belongs to was read from the
session cookie of its own handshake; nothing that the tab says later changes that.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from tripchat.services.sessions import Identity


@dataclass
class Opening:
    """A trip that a tab may open."""

    trip_id: str
    losses: int
    """The tab's losses of this trip when access was looked up."""
    version: int | None = None
    """The room's version that the tab was hydrated with; None when it was not."""


@dataclass
class Tab:
    """One connected tab."""

    sid: str
    identity: Identity | None
    trip_id: str | None = None
    """The trip it has open and hears."""
    opening: Opening | None = None
    """The trip that the page under way may show: checked on this very connection."""
    listed: set[str] = field(default_factory=set)
    """Trips whose summary it hears for its list."""
    has_list: bool = False
    """Whether it has its person's list of trips."""
    awaits_list: bool = False
    """Whether it has asked for the list and not got it."""
    losses: Counter[str] = field(default_factory=Counter)
    """How often its person has lost each trip. Whoever looks up access and then waits asks
    `has_lost`: what was lost meanwhile is not given after all."""
    failed_run: int = -1
    """The run of messages in which one could not be stored for now: the tab sends all of them again
    in another run, and until then none may overtake it."""
    refused_run: int = -1
    """The run in which one was refused before its turn came: those sent before it are still stored,
    and none behind it is."""
    ended: bool = False
    """Whether its sign-in has ended: the connection is about to."""

    @property
    def shown(self) -> set[str]:
        """The trips of which it shows something or is about to."""
        about_to = {self.opening.trip_id} if self.opening else set()
        return self.listed | about_to | ({self.trip_id} if self.trip_id else set())

    def has_lost(self, trip_id: str, losses: int) -> bool:
        """Whether the trip was lost since there were `losses` of it."""
        return self.ended or self.losses[trip_id] != losses


class Tabs:
    """All tabs of this worker."""

    def __init__(self) -> None:
        self._tabs: dict[str, Tab] = {}

    def __len__(self) -> int:
        return len(self._tabs)

    def get(self, sid: str) -> Tab | None:
        """The tab with this socket id."""
        return self._tabs.get(sid)

    def add(self, sid: str, identity: Identity | None) -> Tab:
        """Note whose tab this is."""
        tab = self._tabs[sid] = Tab(sid, identity)
        return tab

    def remove(self, sid: str) -> Tab | None:
        """Forget a tab that is gone."""
        return self._tabs.pop(sid, None)

    def of_session(self, session_id: str) -> list[Tab]:
        """The tabs opened with one sign-in."""
        return [tab for tab, identity in self.signed_in() if identity.session_id == session_id]

    def of_user(self, user_id: str) -> list[Tab]:
        """The tabs of one person, on all their devices."""
        return [tab for tab, identity in self.signed_in() if identity.user_id == user_id]

    def signed_in(self) -> Iterator[tuple[Tab, Identity]]:
        """The tabs of which it is known whose they are."""
        return ((tab, tab.identity) for tab in self._tabs.values() if tab.identity is not None)
