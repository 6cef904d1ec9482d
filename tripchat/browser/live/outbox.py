"""Messages of mine that are not stored: what one can do with them, and which a trip refuses."""

from dataclasses import dataclass
from typing import Any

import reflex as rx
from reflex_base.event import EventSpec

from tripchat.browser.calls import call
from tripchat.browser.live import live_var


@dataclass
class UnsentRow:
    """A message for a trip that is closed to the viewer."""

    client_id: str
    text: str
    reason: str
    iso: str
    """When it was written: ISO 8601, UTC."""


@dataclass
class RefusalRow:
    """A trip that has refused messages of the viewer's."""

    trip_id: str
    count: int


def refusals() -> rx.vars.ArrayVar[list[RefusalRow]]:
    """The trips with messages that were refused; known outside of trips."""
    return live_var("refusals", list[RefusalRow]).to(list[RefusalRow])


def unsent() -> rx.vars.ArrayVar[list[UnsentRow]]:
    """What was not sent to the trip that the address names, while that is not shown."""
    return live_var("unsent", list[UnsentRow]).to(list[UnsentRow])


def unsent_count() -> rx.Var[int]:
    """How many messages of the viewer's are not stored, in all trips."""
    return live_var("unsentCount", int)


def is_stuck() -> rx.vars.BooleanVar:
    """Whether messages of the viewer's wait because nothing can be stored at the moment."""
    return live_var("stuck", bool).to(bool)


def send(kind: str, body: Any, reply_to_seq: Any = None) -> EventSpec:
    """Send a message to the open trip, as the composer does: kept until the server has it.

    `body` is what the kind's `checked` takes; until the message is stored, the kind's component is
    shown with it as it is. `reply_to_seq` is the number of the message that it answers.
    """
    return call("live/live", "sendMessage", kind, body, reply_to_seq)


def retry(client_id: rx.Var[str]) -> EventSpec:
    """Send a refused message once more."""
    return call("live/live", "retryMessage", client_id)


def discard(client_id: rx.Var[str]) -> EventSpec:
    """Take a refused message away."""
    return call("live/page_outbox", "discardMessage", client_id)
