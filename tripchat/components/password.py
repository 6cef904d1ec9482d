"""Choosing passwords: another one for who is signed in, a new one for who has forgotten theirs."""

from __future__ import annotations

import reflex as rx

from tripchat.browser.api_form import (
    api_form,
    api_form_error,
    api_form_parts,
    api_form_submit,
)
from tripchat.browser.modules import function
from tripchat.components.fields import text_field
from tripchat.components.section import section
from tripchat.services.checks import PASSWORD_CHARS
from tripchat.state.session import SessionState

LENGTH_HINT = f"at least {PASSWORD_CHARS[0]} characters"


def password_section() -> rx.Component:
    """Another password; needs the one that there is now."""
    return section(
        api_form(
            api_form_parts(
                rx.el.div(
                    # For the browser's password manager, which wants to know whose they are.
                    rx.el.input(
                        type="email",
                        value=SessionState.email,
                        read_only=True,
                        hidden=True,
                        auto_complete="username",
                    ),
                    text_field(
                        "Current password",
                        "password",
                        control_id="current-password",
                        type="password",
                        required=True,
                        auto_complete="current-password",
                        data_testid="current-password",
                    ),
                    text_field(
                        "New password",
                        "new_password",
                        control_id="new-password",
                        type="password",
                        required=True,
                        hint=LENGTH_HINT,
                        auto_complete="new-password",
                        data_testid="new-password",
                    ),
                    api_form_error(),
                    api_form_submit(
                        "Change password",
                        class_name="button button-primary",
                        data_testid="password-save",
                    ),
                    class_name="form",
                ),
                rx.el.p(
                    rx.icon("check", aria_hidden="true"),
                    "Your password is changed. You are signed out on all your other devices.",
                    class_name="done",
                    data_testid="password-changed",
                ),
            ),
            action="/api/me/password",
            method="PUT",
            after=function("connection/use_connection", "connectAnew"),
            aria_label="Change your password",
        ),
        title="Password",
        text="With a new one you stay signed in here, and are signed out everywhere else.",
    )


def forgot_password_link() -> rx.Component:
    """The way on for who cannot sign in."""
    return rx.el.a(
        "Forgot your password?",
        href="/reset",
        class_name="form-link",
        data_testid="forgot-password",
    )


def ask_form() -> rx.Component:
    """Where the link for a new password is to go."""
    return api_form(
        api_form_parts(
            rx.el.div(
                text_field(
                    "Email",
                    "email",
                    control_id="reset-email",
                    type="email",
                    required=True,
                    auto_complete="email",
                    data_testid="reset-email",
                ),
                api_form_error(),
                api_form_submit(
                    "Send me a link", class_name="button button-primary", data_testid="reset-submit"
                ),
                class_name="form",
            ),
            rx.el.p(
                rx.icon("mail", aria_hidden="true"),
                "If there is an account with this address, a link is on its way. It works for an "
                "hour. Nothing there? Look among the spam, or try another address.",
                class_name="done",
                data_testid="reset-sent",
            ),
        ),
        action="/api/auth/reset",
        class_name="ticket ticket-alone ticket-part",
        aria_label="Ask for a new password",
    )


def new_password_form() -> rx.Component:
    """A new password, by the link in the address."""
    return api_form(
        api_form_parts(
            rx.el.div(
                text_field(
                    "New password",
                    "password",
                    control_id="reset-password",
                    type="password",
                    required=True,
                    hint=LENGTH_HINT,
                    auto_complete="new-password",
                    data_testid="reset-password",
                ),
                api_form_error(),
                api_form_submit(
                    "Set password", class_name="button button-primary", data_testid="reset-save"
                ),
                class_name="form",
            ),
            rx.el.div(
                rx.el.p(
                    rx.icon("check", aria_hidden="true"),
                    "Your new password is set.",
                    class_name="done",
                    data_testid="reset-done",
                ),
                rx.el.a("Sign in", href="/", class_name="button button-primary"),
                class_name="form",
            ),
        ),
        action="/api/auth/reset/{token}",
        class_name="ticket ticket-alone ticket-part",
        aria_label="Set a new password",
    )
