"""Erasing one's account, for good."""

import reflex as rx

from tripchat.browser.api_form import api_form, api_form_error, api_form_submit
from tripchat.browser.modules import function
from tripchat.components.fields import text_field
from tripchat.components.section import section


def erase_account_section() -> rx.Component:
    """What will be gone, and the password that it takes."""
    return section(
        api_form(
            text_field(
                "Your password",
                "password",
                control_id="erase-password",
                type="password",
                required=True,
                auto_complete="current-password",
                data_testid="erase-password",
            ),
            api_form_error(),
            api_form_submit(
                "Erase my account",
                class_name="button button-danger",
                data_testid="erase-account-confirm",
            ),
            action="/api/me",
            method="DELETE",
            go_to="/",
            before=function("live/sign_out", "mayErase"),
            after=function("live/sign_out", "leaveNothing"),
            class_name="form",
            aria_label="Erase your account",
        ),
        title="Erase your account",
        text="Your name, your email and all that you wrote, photos and files among it, are gone "
        "from all trips at once, and cannot be brought back. Trips that nobody else is in are "
        "erased as well.",
        data_testid="erase-account",
    )
