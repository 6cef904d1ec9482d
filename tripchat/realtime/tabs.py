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
    losses: Counter[str] = field(default_factory=Counter)
    """How often its person has lost each trip. Whoever looks up access and then waits asks
    `has_lost`: what was lost meanwhile is not given after all."""
    ended: bool = False
    """Whether its sign-in has ended: the connection is about to."""

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
        return [tab for tab in self._signed_in() if tab.identity.session_id == session_id]  # type: ignore[union-attr]

    def of_user(self, user_id: str) -> list[Tab]:
        """The tabs of one person, on all their devices."""
        return [tab for tab in self._signed_in() if tab.identity.user_id == user_id]  # type: ignore[union-attr]

    def _signed_in(self) -> Iterator[Tab]:
        return (tab for tab in self._tabs.values() if tab.identity is not None)
