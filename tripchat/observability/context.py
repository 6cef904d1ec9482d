"""What a piece of work is about: who asked for what, for the logs, and since when.

It belongs to the task that works: one HTTP call, or one event of a tab.
"""

from __future__ import annotations

import re
import secrets
import time
from contextvars import ContextVar
from typing import Any

SESSION_CHARS = 12
"""How much of a session's id stands in a log: enough to tell sessions apart."""

_SANE = re.compile(r"[A-Za-z0-9_.-]{8,64}", re.ASCII)

_about: ContextVar[dict[str, str] | None] = ContextVar("about", default=None)
_arrived: ContextVar[float | None] = ContextVar("arrived", default=None)


def begin(request_id: str | None = None, at: float | None = None) -> str:
    """A call or an event has arrived, `at` by `time.perf_counter`; gives its id."""
    request_id = request_id or secrets.token_hex(8)
    _about.set({"request_id": request_id})
    _arrived.set(time.perf_counter() if at is None else at)
    return request_id


def note(*, session_id: str = "", user_id: str = "", trip_id: str = "") -> None:
    """Say more about what is being worked on. A session is noted by its id, never its token."""
    more = {"session_id": session_id[:SESSION_CHARS], "user_id": user_id, "trip_id": trip_id}
    _about.set({**(_about.get() or {}), **{name: said for name, said in more.items() if said}})


def about() -> dict[str, str]:
    """What has been said of the work that goes on here."""
    return _about.get() or {}


def arrived() -> float:
    """When what is worked on arrived, by `time.perf_counter`."""
    at = _arrived.get()
    return time.perf_counter() if at is None else at


def sane(request_id: str | None) -> str | None:
    """A request's id as a proxy gave it, if it looks like one; anybody can send anything."""
    return request_id if request_id and _SANE.fullmatch(request_id) else None


class Routing(dict[str, Any]):
    """Reflex's routing data of an event, which goes with it to its handler's task.

    Attributes, not keys: a tab's state compares the keys with those of the event before.
    """

    def __init__(self, routing: dict[str, Any], request_id: str, arrived: float) -> None:
        super().__init__(routing)
        self.request_id = request_id
        self.arrived = arrived
