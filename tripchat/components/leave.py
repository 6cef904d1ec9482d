"""Leaving a trip, asked once more before it happens."""

import reflex as rx

from tripchat.browser.live import open_trip
from tripchat.components.question import question
from tripchat.state.room import RoomState

LEAVE_DIALOG = "leave-dialog"


def leave_dialog() -> rx.Component:
    """The question before leaving."""
    return question(
        "You will no longer see its messages, and need a new invite to come back. "
        "What you wrote stays.",
        popover_id=LEAVE_DIALOG,
        title=f"Leave {open_trip().title}?",
        stay="Stay",
        go="Leave trip",
        on_go=RoomState.leave,
        testid="leave-confirm",
    )
