"""Every call and every event handler that exists has a rule, and nothing else can be reached."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest
import reflex as rx
from starlette.applications import Starlette
from starlette.routing import BaseRoute, Match, Mount, Route

from tripchat.api.endpoint import Call
from tripchat.services import acts
from tripchat.services.access import may
from tripchat.services.acts import Act, Who
from tripchat.state.door import REFLEX, act_of

CLOSED = {
    "room_state.prepare",  # Reflex makes a handler of every public method
    "session_state.belong_to",
    # Reflex's own, which nobody needs from outside: the app chains the first two by itself.
    "state.set_is_hydrated",
    "on_load_internal_state.set_is_hydrated",
    "update_vars_internal_state.update_vars_internal",
}
"""Handlers that exist and that no page may call. Besides, there is a setter for each state."""

OTHERS = {
    "/api/{path:path}",  # says that there is no such call
    "/_event",  # the socket, whose events have a rule each
    "",  # the page and its files
}
"""What is served and is no call, by path."""


@pytest.fixture(scope="module")
def app() -> rx.App:
    """The app, as a worker has it."""
    os.environ.setdefault("REFLEX_SKIP_COMPILE", "true")
    from tripchat.tripchat import app

    return app


@pytest.fixture(scope="module")
def routes(app: rx.App) -> list[BaseRoute]:
    """All that it serves, those behind the app's middleware included."""
    return list(served(inside(app()).routes))


def inside(site: Any) -> Any:
    """What stands behind middleware."""
    while not isinstance(site, Starlette) and (behind := getattr(site, "_app", None)) is not None:
        site = behind
    return site


def handlers(app: rx.App) -> list[str]:
    """The full names of all event handlers of TripChat and of Reflex itself."""
    mine = [
        name
        for name, registered in app._registration_context.event_handlers.items()
        if not registered.states[0].__module__.startswith(("tests", "docs"))
    ]
    assert len(mine) > 30
    return mine


def short(name: str) -> str:
    """A handler's name without those of packages: `room_state.send`."""
    return ".".join(part.rpartition("____")[2] for part in name.split(".")[-2:])


def test_every_event_handler_has_an_act_or_is_closed(app: rx.App) -> None:
    without = {short(name) for name in handlers(app) if act_of(app, name) is None}
    assert {name for name in without if not name.endswith(".setvar")} == CLOSED


def test_no_setter_can_be_called(app: rx.App) -> None:
    setters = [name for name in handlers(app) if ".set" in name]
    assert sum(name.endswith(".setvar") for name in setters) > 5
    assert [name for name in setters if act_of(app, name) is not None] == []


def test_what_reflex_brings_and_pages_call_exists(app: rx.App) -> None:
    assert set(REFLEX) <= set(handlers(app))


def served(routes: list[BaseRoute]) -> Iterator[BaseRoute]:
    """All routes, those behind the app's middleware included."""
    for route in routes:
        inner = inside(getattr(route, "app", None))
        if isinstance(route, Mount) and route.path == "" and isinstance(inner, Starlette):
            yield from served(inner.routes)
        else:
            yield route


def test_every_route_is_a_call_with_an_act_or_known_to_be_none(routes: list[BaseRoute]) -> None:
    calls = [route for route in routes if isinstance(route, Call)]
    assert len(calls) > 20
    assert all(isinstance(call.act, Act) for call in calls)
    others = {getattr(route, "path", "?") for route in routes if not isinstance(route, Call)}
    assert others <= OTHERS


def test_no_route_is_hidden_by_one_before_it(routes: list[BaseRoute]) -> None:
    calls = [route for route in routes if isinstance(route, Call)]
    for call in calls:
        (method,) = (call.methods or set()) - {"HEAD"}
        path = call.path_format.replace("{", "").replace("}", "")
        scope = {"type": "http", "method": method, "path": path}
        first = next(each for each in calls if each.matches(scope)[0] is Match.FULL)
        assert isinstance(first, Route)
        assert first is call


ACTS = [value for value in vars(acts).values() if isinstance(value, Act)]


def test_each_act_has_a_name_of_its_own() -> None:
    assert len({act.name for act in ACTS}) == len(ACTS) > 20


@pytest.mark.parametrize("act", ACTS, ids=lambda act: act.name)
def test_an_organiser_may_what_a_member_may_and_an_owner_more(act: Act) -> None:
    for own in (False, True):
        assert may("organiser", act, own=own) or not may("member", act, own=own)
    assert may("member", act, own=True) or not may("member", act, own=False)
    assert not (act.who is Who.ORGANISER and may("member", act, own=True))
    assert not (act.who is Who.OWNER and may("organiser", act, own=False))
    assert not (act.who is Who.OWNER_OR_ORGANISER and may("member", act, own=False))
