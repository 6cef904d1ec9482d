"""Passing notices, and what becomes of a handler's error."""

from __future__ import annotations

import logging
from typing import cast

import reflex as rx
from reflex_base.event import EventSpec

from tripchat.errors import Refused

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
    if isinstance(exception, Refused):
        return _notice(exception.detail)
    if isinstance(exception, TypeError | ValueError):
        # A client that calls a handler with other arguments than it takes: its own doing.
        logger.warning("an event was refused: %s", type(exception).__name__)
        return _notice("TripChat did not understand that request.")
    logger.error("an event handler failed", exc_info=exception)
    return _notice("Something went wrong on our side. Nothing was changed.")


def _notice(text: str) -> EventSpec:
    return cast(EventSpec, NoticeState.show(text, "error"))
