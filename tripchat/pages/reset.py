"""`/reset`: asking for a new password; `/reset/[token]`: setting it."""

import reflex as rx

from tripchat.browser.connection import app_frame, connection_banner
from tripchat.browser.once import once
from tripchat.components.notice import notice_page, way_back
from tripchat.components.password import ask_form, new_password_form
from tripchat.components.skeleton import page_skeleton
from tripchat.components.toast import toast
from tripchat.state.reset import ResetState


def ask_page() -> rx.Component:
    """Where somebody who has forgotten their password begins."""
    return app_frame(
        connection_banner(),
        notice_page(
            ask_form(),
            title="Forgot your password?",
            text="Say where you are reached, and a link for a new one comes by mail.",
            icon="key-round",
        ),
        toast(),
        page_title="Forgot your password?",
    )


def _gone() -> rx.Component:
    return notice_page(
        way_back("Ask for a new link", "/reset"),
        title="This link does not work any more",
        text="A link for a new password works once, and for an hour.",
        icon="link-2-off",
    )


def reset_page() -> rx.Component:
    """A new password, or why the link does not work."""
    return app_frame(
        connection_banner(),
        once(
            ResetState.standing != "",
            rx.cond(
                ResetState.standing == "gone",
                _gone(),
                notice_page(
                    new_password_form(),
                    title="Choose a new password",
                    text="You will be signed out on all your devices.",
                    icon="key-round",
                ),
            ),
            waiting=page_skeleton(),
        ),
        toast(),
        page_title="New password",
    )
