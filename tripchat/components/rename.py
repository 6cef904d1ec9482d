"""Changing one's own name."""

import reflex as rx

from tripchat.browser.api_form import api_form, api_form_error, api_form_submit
from tripchat.components.fields import text_field
from tripchat.components.popover import dialog, opens
from tripchat.state.session import SessionState

_DIALOG = "rename-dialog"


def rename_button() -> rx.Component:
    """Opens the form; needs a `rename_dialog` on the page."""
    return rx.el.button(
        rx.icon("pencil", aria_hidden="true"),
        type="button",
        class_name="icon-button",
        title="Change your name",
        aria_label="Change your name",
        custom_attrs=opens(_DIALOG),
        data_testid="rename",
    )


def rename_dialog() -> rx.Component:
    """One's name as everybody in one's trips sees it."""
    return dialog(
        api_form(
            text_field(
                "Your name",
                "name",
                control_id="rename-name",
                default_value=SessionState.name,
                required=True,
                auto_complete="name",
                data_testid="rename-name",
            ),
            api_form_error(),
            api_form_submit("Save", class_name="button button-primary", data_testid="rename-save"),
            action="/api/me",
            method="PUT",
            key=SessionState.name,
            class_name="form",
        ),
        popover_id=_DIALOG,
        title="Your name",
    )
