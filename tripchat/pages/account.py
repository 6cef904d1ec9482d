"""`/account`: who I am, where I am signed in, my password."""

import reflex as rx

from tripchat.browser.connection import app_frame, connection_banner
from tripchat.browser.once import once
from tripchat.components.account import SECTIONS
from tripchat.components.brand import brand
from tripchat.components.connection_status import connection_status_button
from tripchat.components.notice import notice_page
from tripchat.components.rename import rename_dialog
from tripchat.components.sign_forms import sign_forms, sign_out_dialog, sign_out_form
from tripchat.components.skeleton import page_skeleton
from tripchat.components.toast import toast
from tripchat.state.session import SessionState


def _account() -> rx.Component:
    return rx.el.div(
        rx.el.header(brand(), connection_status_button(), sign_out_form(), class_name="top-bar"),
        rx.el.main(
            rx.el.h1("Account"),
            *(section() for section in SECTIONS),
            rename_dialog(),
            sign_out_dialog(),
            class_name="account-main",
            data_testid="account",
        ),
        class_name="page",
    )


def account_page() -> rx.Component:
    """My account, or the way in."""
    return app_frame(
        connection_banner(),
        once(
            rx.State.is_hydrated,
            rx.cond(
                SessionState.user_id != "",
                _account(),
                notice_page(
                    sign_forms(go_to="reload"),
                    title="Sign in to see your account",
                    text="Your name, your password and your devices are for you alone.",
                    icon="key-round",
                ),
            ),
            waiting=page_skeleton(),
        ),
        toast(),
        page_title="Account",
    )
