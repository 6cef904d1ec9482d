"""The page's connection: its frame, which says how it is, and what people are told of it."""

from __future__ import annotations

from typing import Any

import reflex as rx
from reflex_base.event import EventSpec

from tripchat.browser.calls import call
from tripchat.browser.modules import from_hook, library
from tripchat.settings import get_settings
from tripchat.state.room import RoomState
from tripchat.state.session import SessionState
from tripchat.state.trips import TripsState


class ConnectionWatch(rx.Component):
    """At the page's root: watches the connection from its very beginning."""

    library = library("connection/frame")
    tag = "ConnectionWatch"

    steps: rx.Var[list[float]]
    """Seconds before each attempt to reconnect, of which half is drawn; the last one goes on."""
    check_every: rx.Var[float]
    """Seconds between two health checks of an idle connection."""
    build: rx.Var[str]
    """What the server calls this build of the page; empty in development."""


class AppFrame(rx.Component):
    """The outermost element of every page; it connects the live trip to Reflex's state."""

    library = library("connection/frame")
    tag = "AppFrame"

    # Full names of the states that it reads.
    root_state: rx.Var[str]
    room_state: rx.Var[str]
    list_state: rx.Var[str]
    session_state: rx.Var[str]

    # What the page is called where no trip is open; "" for the site's own name.
    page_title: rx.Var[str]


class ConnectionBanner(rx.Component):
    """Shown while the page is not connected and had been, or cannot be."""

    library = library("connection/banner")
    tag = "ConnectionBanner"


class UpdateBanner(rx.Component):
    """Shown while the page is older than the server."""

    library = library("connection/update")
    tag = "UpdateBanner"


def connection_watch(build: str) -> rx.Component:
    """What the app wraps every page in; `build` is what this build of the page is called."""
    settings = get_settings()
    return ConnectionWatch.create(
        steps=settings.reconnect_seconds, check_every=settings.health_check_seconds, build=build
    )


def app_frame(*children: Any, page_title: str = "", **props: Any) -> rx.Component:
    """The outermost element of a page."""
    return AppFrame.create(
        *children,
        page_title=page_title,
        root_state=rx.State.get_full_name(),
        room_state=RoomState.get_full_name(),
        list_state=TripsState.get_full_name(),
        session_state=SessionState.get_full_name(),
        **{"class_name": "app", **props},
    )


def connection_banner() -> rx.Component:
    """What the page says about its connection when there is something to say."""
    return rx.fragment(
        ConnectionBanner.create(class_name="connection-banner"),
        UpdateBanner.create(class_name="connection-banner update-banner"),
    )


def connection_status() -> rx.vars.StringVar[str]:
    """How the connection is: connecting, connected, fallback, disconnected or error."""
    now = from_hook("useConnection", "connection/use_connection", "connection_now.status", str)
    return now.to(str)


def connection_word() -> rx.vars.StringVar[str]:
    """The same in words for people."""
    return _told("connection_told.word", str).to(str)


def connection_details() -> rx.vars.ArrayVar[list[list[str]]]:
    """What there is to know of the connection, as [name, value] pairs."""
    return _told("connection_told.details", list[list[str]]).to(list[list[str]])


def _told(result: str, var_type: Any) -> Any:
    return from_hook("useConnectionTold", "connection/use_connection", result, var_type)


def try_now() -> EventSpec:
    """Look at once whether the server can be reached."""
    return call("connection/use_connection", "tryNow")
