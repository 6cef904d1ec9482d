"""Signing up, in and out."""

import reflex as rx

from tripchat.browser.api_form import api_form, api_form_error, api_form_submit
from tripchat.browser.calls import call
from tripchat.browser.live.outbox import unsent_count
from tripchat.browser.modules import function
from tripchat.components.fields import text_field
from tripchat.components.password import LENGTH_HINT, forgot_password_link
from tripchat.components.question import question


def sign_up_form(**then: str) -> rx.Component:
    """Name, email and password for a new account; `then` says what follows, see `api_form`."""
    return api_form(
        text_field(
            "Your name",
            "name",
            control_id="sign-up-name",
            hint="what your group sees",
            required=True,
            auto_complete="name",
            data_testid="sign-up-name",
        ),
        text_field(
            "Email",
            "email",
            control_id="sign-up-email",
            type="email",
            required=True,
            auto_complete="email",
            data_testid="sign-up-email",
        ),
        text_field(
            "Password",
            "password",
            control_id="sign-up-password",
            type="password",
            required=True,
            hint=LENGTH_HINT,
            auto_complete="new-password",
            data_testid="sign-up-password",
        ),
        api_form_error(),
        api_form_submit(
            "Create account", class_name="button button-primary", data_testid="sign-up-submit"
        ),
        action="/api/auth/sign-up",
        **then,
        class_name="form",
        aria_label="Create an account",
    )


def sign_in_form(**then: str) -> rx.Component:
    """Email and password of an account; `then` says what follows, see `api_form`."""
    return api_form(
        text_field(
            "Email",
            "email",
            control_id="sign-in-email",
            type="email",
            required=True,
            auto_complete="email",
            data_testid="sign-in-email",
        ),
        text_field(
            "Password",
            "password",
            control_id="sign-in-password",
            type="password",
            required=True,
            auto_complete="current-password",
            data_testid="sign-in-password",
        ),
        api_form_error(),
        api_form_submit("Sign in", class_name="button button-quiet", data_testid="sign-in-submit"),
        forgot_password_link(),
        action="/api/auth/sign-in",
        **then,
        class_name="form",
        aria_label="Sign in",
    )


def sign_forms(**then: str) -> rx.Component:
    """Both forms on one ticket: the larger part for the new, the stub for those who return."""
    return rx.el.div(
        rx.el.section(
            rx.el.h2("New here? Join in a minute"),
            sign_up_form(**then),
            class_name="ticket-part",
        ),
        rx.el.section(
            rx.el.h2("Welcome back"),
            sign_in_form(**then),
            id="sign-in",
            class_name="ticket-part ticket-stub",
        ),
        class_name="ticket sign-forms",
    )


def sign_out_form() -> rx.Component:
    """The button that ends this device's session; needs a `sign_out_dialog` on the page."""
    return api_form(
        api_form_submit(
            rx.icon("log-out", aria_hidden="true"),
            rx.el.span("Sign out"),
            title="Sign out",
            class_name="button button-plain",
            data_testid="sign-out",
        ),
        api_form_error(),
        action="/api/auth/sign-out",
        go_to="/",
        before=function("live/sign_out", "maySignOut"),
        after=function("live/sign_out", "leaveNothing"),
        class_name="sign-out-form",
    )


def sign_out_dialog() -> rx.Component:
    """What is asked of whoever signs out while something of theirs is not sent."""
    count = unsent_count()
    return question(
        rx.cond(
            count == 1,
            "One message of yours has not been sent. Signing out discards it.",
            f"{count} messages of yours have not been sent. Signing out discards them.",
        ),
        popover_id="sign-out-dialog",
        title="Sign out and lose messages?",
        stay="Stay",
        go="Sign out",
        on_go=call("live/sign_out", "signOutAnyway"),
        testid="sign-out-anyway",
    )
