"""Passing notices, and what becomes of a handler's error."""

from __future__ import annotations

import logging
import re
from typing import Any, cast

import reflex as rx
from reflex_base.event import EventSpec

from tripchat.errors import Refused, TooMany, Unavailable
from tripchat.observability import metrics
from tripchat.services import acts
from tripchat.state.door import door

logger = logging.getLogger(__name__)


_ERROR_NAME = re.compile(
    r"\b((Aggregate|Eval|Range|Reference|Syntax|Type|URI)Error|DOMException|state mismatch)\b"
)
KINDS = ("info", "error", "unavailable")


class NoticeState(rx.State):
    """The notice that the tab shows; empty for none."""

    text: str = ""
    kind: str = "info"
    """`info`, `error`, or `unavailable`: the page takes that away when things work again."""

    @rx.event
    @door(acts.USE_PAGE)
    def show(self, text: str, kind: str = "info"):
        """Show a notice until it is dismissed or replaced."""
        self.text, self.kind = str(text)[:300], kind if kind in KINDS else "info"

    @rx.event
    @door(acts.USE_PAGE)
    def dismiss(self):
        """Take the notice away."""
        self.text = ""


def note_browser_error(exception: Exception) -> None:
    """Log that a page reports an error of its own, by its kind: its text may quote people."""
    found = _ERROR_NAME.search(str(exception))
    logger.warning("a page reported %s", found[0] if found else "an error")


def show_error(exception: Exception) -> EventSpec:
    """Tell the person why a handler refused; an unforeseen error is logged as well."""
    if _is_misuse(exception):
        logger.warning("an event was refused: %s", type(exception).__name__)
    elif not isinstance(exception, Refused):
        logger.error("an event handler failed", exc_info=exception)
    problem = problem_of(exception)
    metrics.event_refusals.labels(problem["status"]).inc()
    return cast(EventSpec, NoticeState.show(problem["problem"], kind_of(exception)))


def kind_of(exception: Exception) -> str:
    """The kind of notice that tells of a handler's error."""
    return "unavailable" if isinstance(exception, Unavailable) else "error"


def problem_of(exception: Exception) -> dict[str, Any]:
    """What a person reads of a handler's error (`problem`), and its HTTP `status`."""
    if isinstance(exception, TooMany | Unavailable):
        later = {"retry_after": exception.retry_after}
        return {"problem": exception.detail, "status": exception.status, **later}
    if isinstance(exception, Refused):
        return {"problem": exception.detail, "status": exception.status}
    if _is_misuse(exception):
        return {"problem": "TripChat did not understand that request.", "status": 400}
    return {"problem": "Something went wrong on our side. Nothing was changed.", "status": 500}


def is_passing(exception: Exception) -> bool:
    """Whether the same may succeed at another moment."""
    status = problem_of(exception)["status"]
    return status == 429 or status >= 500


def _is_misuse(exception: Exception) -> bool:
    """Whether a client called a handler with other arguments than it takes: its own doing."""
    return isinstance(exception, TypeError | ValueError)
