"""The page's frame, which says how the connection is, and the banner for when it is not."""

from __future__ import annotations

from typing import Any

import reflex as rx

from tripchat.browser.modules import library
from tripchat.state.room import RoomState
from tripchat.state.session import SessionState
from tripchat.state.trips import TripsState


class ConnectionWatch(rx.Component):
    """At the page's root: watches the connection from its very beginning."""

    library = library("connection/frame")
    tag = "ConnectionWatch"


class AppFrame(rx.Component):
    """The outermost element of every page; it connects the live trip to Reflex's state."""

    library = library("connection/frame")
    tag = "AppFrame"

    # Full names of the states that it reads.
    root_state: rx.Var[str]
    room_state: rx.Var[str]
    list_state: rx.Var[str]
    session_state: rx.Var[str]


class ConnectionBanner(rx.Component):
    """Shown while the page is not connected and had been, or cannot be."""

    library = library("connection/frame")
    tag = "ConnectionBanner"


def connection_watch() -> rx.Component:
    """What the app wraps every page in."""
    return ConnectionWatch.create()


def app_frame(*children: Any, **props: Any) -> rx.Component:
    """The outermost element of a page."""
    return AppFrame.create(
        *children,
        root_state=rx.State.get_full_name(),
        room_state=RoomState.get_full_name(),
        list_state=TripsState.get_full_name(),
        session_state=SessionState.get_full_name(),
        **{"class_name": "app", **props},
    )


def connection_banner() -> rx.Component:
    """What the page says about its connection when there is something to say."""
    return ConnectionBanner.create(class_name="connection-banner")
