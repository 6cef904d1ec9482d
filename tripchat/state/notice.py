"""Passing notices, and what becomes of a handler's error."""

from __future__ import annotations

import logging
from typing import Any, cast

import reflex as rx
from reflex_base.event import EventSpec

from tripchat.errors import Refused, TooMany

logger = logging.getLogger(__name__)


class NoticeState(rx.State):
    """The notice that the tab shows; empty for none."""

    text: str = ""
    kind: str = "info"
    """`info` or `error`."""

    @rx.event
    def show(self, text: str, kind: str = "info"):
        """Show a notice until it is dismissed or replaced."""
        self.text, self.kind = str(text)[:300], "error" if kind == "error" else "info"

    @rx.event
    def dismiss(self):
        """Take the notice away."""
        self.text = ""


def note_browser_error(exception: Exception) -> None:
    """Log what a page reports of its own errors: one line, since anybody can send anything."""
    logger.warning("a page reported: %.200s", str(exception).split("\n", 1)[0])


def show_error(exception: Exception) -> EventSpec:
    """Tell the person why a handler refused; an unforeseen error is logged as well."""
    if _is_misuse(exception):
        logger.warning("an event was refused: %s", type(exception).__name__)
    elif not isinstance(exception, Refused):
        logger.error("an event handler failed", exc_info=exception)
    return cast(EventSpec, NoticeState.show(problem_of(exception)["problem"], "error"))


def problem_of(exception: Exception) -> dict[str, Any]:
    """What a person reads of a handler's error (`problem`), and its HTTP `status`."""
    if isinstance(exception, TooMany):
        later = {"retry_after": exception.retry_after}
        return {"problem": exception.detail, "status": exception.status, **later}
    if isinstance(exception, Refused):
        return {"problem": exception.detail, "status": exception.status}
    if _is_misuse(exception):
        return {"problem": "TripChat did not understand that request.", "status": 400}
    return {"problem": "Something went wrong on our side. Nothing was changed.", "status": 500}


def _is_misuse(exception: Exception) -> bool:
    """Whether a client called a handler with other arguments than it takes: its own doing."""
    return isinstance(exception, TypeError | ValueError)
