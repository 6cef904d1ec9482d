"""Taking somebody out of a trip, asked once more before it happens."""

import reflex as rx

from tripchat.components.popover import closes, dialog
from tripchat.state.room import RoomState

REMOVE_DIALOG = "remove-dialog"


def remove_dialog() -> rx.Component:
    """The question before a member is removed; `RoomState.ask_remove` says who."""
    return dialog(
        rx.el.p(
            "They will no longer see the trip, and need a new invite to come back. "
            "What they wrote stays.",
            class_name="quiet",
        ),
        rx.el.div(
            rx.el.button(
                "Keep",
                type="button",
                class_name="button button-quiet",
                custom_attrs=closes(REMOVE_DIALOG),
            ),
            rx.el.button(
                "Remove",
                type="button",
                class_name="button button-danger",
                on_click=RoomState.remove(RoomState.removing),
                data_testid="member-remove-confirm",
                custom_attrs=closes(REMOVE_DIALOG),
            ),
            class_name="dialog-actions",
        ),
        popover_id=REMOVE_DIALOG,
        title=f"Remove {RoomState.removing_name}?",
        class_name="remove-dialog",
    )
