"""Leaving a trip, asked once more before it happens."""

import reflex as rx

from tripchat.components.popover import opens
from tripchat.components.question import question
from tripchat.state.room import RoomState

_MENU = "trip-menu"
_DIALOG = "leave-dialog"


def trip_menu() -> rx.Component:
    """The button with three dots and what it opens."""
    return rx.el.div(
        rx.el.button(
            rx.icon("ellipsis-vertical", aria_hidden="true"),
            type="button",
            class_name="icon-button trip-menu-button",
            aria_label="More about this trip",
            custom_attrs=opens(_MENU),
        ),
        rx.el.div(
            rx.el.button(
                rx.icon("door-open", aria_hidden="true"),
                "Leave trip…",
                type="button",
                class_name="menu-item",
                custom_attrs=opens(_DIALOG),
                data_testid="leave",
            ),
            id=_MENU,
            class_name="menu trip-menu",
            custom_attrs={"popover": "auto"},
        ),
        class_name="trip-menu-anchor",
    )


def leave_dialog() -> rx.Component:
    """The question before leaving."""
    return question(
        "You will no longer see its messages, and need a new invite to come back. "
        "What you wrote stays.",
        popover_id=_DIALOG,
        title=f"Leave {RoomState.trip.title}?",
        stay="Stay",
        go="Leave trip",
        on_go=RoomState.leave,
        testid="leave-confirm",
    )
