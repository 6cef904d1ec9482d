"""Taking somebody out of a trip, asked once more before it happens."""

import reflex as rx

from tripchat.components.question import question
from tripchat.state.room import RoomState

REMOVE_DIALOG = "remove-dialog"


def remove_dialog() -> rx.Component:
    """The question before a member is removed; `RoomState.ask_remove` says who."""
    return question(
        "They will no longer see the trip, and need a new invite to come back. "
        "What they wrote stays.",
        popover_id=REMOVE_DIALOG,
        title=f"Remove {RoomState.removing_name}?",
        stay="Keep",
        go="Remove",
        on_go=RoomState.remove(RoomState.removing),
        testid="member-remove-confirm",
    )
