"""`/`: what TripChat is, or my trips."""

import reflex as rx

from tripchat.browser.connection import app_frame, connection_banner
from tripchat.browser.once import once
from tripchat.components.landing import landing
from tripchat.components.my_trips import my_trips
from tripchat.components.skeleton import page_skeleton
from tripchat.components.toast import toast
from tripchat.state.session import SessionState


def home_page() -> rx.Component:
    """The start page, of a visitor or of somebody signed in."""
    return app_frame(
        connection_banner(),
        once(
            rx.State.is_hydrated,
            rx.cond(SessionState.user_id != "", my_trips(), landing()),
            waiting=page_skeleton(),
        ),
        toast(),
    )
