"""What became of a message of mine: when it was stored and told, whom it reached, who read it."""

from typing import Any

import reflex as rx

from tripchat.browser.timeline import details
from tripchat.components.popover import dialog

DETAILS_DIALOG = "details-dialog"


def _fact(icon: str, name: str, value: Any, testid: str) -> Any:
    """A line of its own; left out where nothing is known."""
    return rx.cond(
        value != "",
        rx.el.div(
            rx.el.dt(rx.icon(icon, aria_hidden="true"), name),
            rx.el.dd(value, data_testid=testid),
            class_name="detail",
        ),
    )


def details_dialog() -> rx.Component:
    """The details of one message; its actions open it."""
    shown = details()
    return dialog(
        rx.el.dl(
            _fact("database", "Stored", shown.stored, "details-stored"),
            _fact("radio-tower", "Broadcast", shown.broadcast, "details-broadcast"),
            _fact("users", "Reached", shown.reached, "details-reached"),
            _fact(
                "check-check",
                "Read by",
                rx.cond(shown.read != "", shown.read, "nobody yet"),
                "details-read",
            ),
            class_name="details",
        ),
        popover_id=DETAILS_DIALOG,
        title="Message details",
        class_name="details-dialog",
    )
