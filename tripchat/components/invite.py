"""Inviting by link."""

import reflex as rx

from tripchat.browser.copy_button import copy_button
from tripchat.components.popover import dialog, opens
from tripchat.state.room import RoomState

_DIALOG = "invite-dialog"


def invite_button() -> rx.Component:
    """Makes a link and shows it; needs an `invite_dialog` on the page."""
    return rx.el.button(
        rx.icon("user-plus", aria_hidden="true"),
        rx.el.span("Invite", class_name="button-label"),
        type="button",
        class_name="button button-quiet invite-button",
        on_click=RoomState.make_invite,
        data_testid="invite",
        custom_attrs=opens(_DIALOG),
    )


def invite_dialog() -> rx.Component:
    """The link, ready to copy."""
    return dialog(
        rx.el.p("Whoever opens this link can join the trip and read along.", class_name="quiet"),
        rx.cond(
            RoomState.invite_url != "",
            rx.el.div(
                rx.el.p(RoomState.invite_url, class_name="invite-link", data_testid="invite-link"),
                copy_button(
                    "Copy link",
                    text=RoomState.invite_url,
                    done="Copied",
                    class_name="button button-primary",
                ),
                class_name="invite-row",
            ),
            rx.el.div(
                rx.el.p("Making a link…", class_name="invite-link"),
                class_name="invite-row",
                aria_busy="true",
            ),
        ),
        popover_id=_DIALOG,
        title="Invite people",
    )
