"""My trips as a Var that stays true: the list as loaded, and what has been heard since."""

from __future__ import annotations

from dataclasses import dataclass

import reflex as rx

from tripchat.browser.modules import from_hook
from tripchat.state.session import SessionState
from tripchat.state.trips import TripsState


@dataclass
class TripCardRow:
    """A trip as the list shows it to this viewer."""

    trip_id: str
    title: str
    destination: str
    dates_label: str
    last_line: str
    last_author: str
    """`You` for the viewer."""
    last_at_label: str
    last_deleted: bool
    """Whether the newest message was deleted: then it has no line."""
    unread: int
    mentions: int
    """Unread messages that name the viewer."""
    current: bool
    """Whether it is the trip that is open."""
    member_count: int


def trip_cards() -> rx.Var[list[TripCardRow]]:
    """My trips, the one with the newest message first."""
    names = f'"{TripsState.get_full_name()}", "{SessionState.get_full_name()}"'
    return from_hook(
        "useTripCards", "live/trip_cards", "trip_cards", list[TripCardRow], arguments=names
    )


def trip_cards_loaded() -> rx.Var[bool]:
    """Whether the list has arrived; before, an empty one says nothing."""
    return from_hook(
        "useTripCardsLoaded",
        "live/trip_cards",
        "trip_cards_loaded",
        bool,
        arguments=f'"{TripsState.get_full_name()}"',
    )
