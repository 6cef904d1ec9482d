"""Which act each event handler stands for. What pages may call is listed here and nowhere else.

Reflex makes a handler of every public method of a state, and of `setvar` besides; any client can
call any of them. Those that name no act are refused, unless TripChat's own code chains them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import reflex as rx
from reflex.state import FrontendEventExceptionState, OnLoadInternalState, State

from tripchat.services import acts
from tripchat.services.acts import Act

_ACT = "_tripchat_act"

Function = TypeVar("Function", bound=Callable[..., Any])

REFLEX: dict[str, Act] = {
    f"{State.get_full_name()}.hydrate": acts.USE_PAGE,
    f"{State.get_full_name()}.hydrate_and_load": acts.USE_PAGE,
    f"{OnLoadInternalState.get_full_name()}.on_load_internal": acts.USE_PAGE,
    f"{FrontendEventExceptionState.get_full_name()}.handle_frontend_exception": acts.USE_PAGE,
}
"""Reflex's own handlers that its pages call, by full name."""


def door(act: Act) -> Callable[[Function], Function]:
    """Let pages call a handler, to do this; goes below `@rx.event`."""

    def name(function: Function) -> Function:
        setattr(function, _ACT, act)
        return function

    return name


def act_of(app: rx.App, event: str) -> Act | None:
    """What a page does that sends this event; None for what it may not send."""
    registered = app._registration_context.event_handlers.get(event)
    if registered is None:
        return None
    return REFLEX.get(event) or getattr(registered.handler.fn, _ACT, None)
