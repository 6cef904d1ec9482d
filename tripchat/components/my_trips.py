"""The start page of somebody who is signed in."""

import reflex as rx

from tripchat.browser.live.trip_cards import trip_cards, trip_cards_loaded
from tripchat.components.account import account_link
from tripchat.components.brand import brand
from tripchat.components.connection_status import connection_status_button
from tripchat.components.new_trip import new_trip_button, new_trip_dialog
from tripchat.components.rename import rename_button, rename_dialog
from tripchat.components.sign_forms import sign_out_dialog, sign_out_form
from tripchat.components.trip_list import trip_tickets
from tripchat.components.unsent import refused_messages
from tripchat.state.session import SessionState


def _no_trips() -> rx.Component:
    return rx.el.div(
        rx.el.span(rx.icon("luggage", aria_hidden="true"), class_name="stamp"),
        rx.el.h2("No trips yet"),
        rx.el.p(
            "Make one and send its link to your group, or open an invite somebody sent you.",
            class_name="quiet",
        ),
        class_name="postcard",
    )


def my_trips() -> rx.Component:
    """All my trips, and a new one."""
    return rx.el.div(
        rx.el.header(
            brand(),
            connection_status_button(),
            rx.el.span(SessionState.name, class_name="top-bar-name"),
            rename_button(),
            account_link(),
            sign_out_form(),
            class_name="top-bar",
        ),
        rx.el.main(
            rx.el.div(rx.el.h1("My trips"), new_trip_button(), class_name="home-head"),
            refused_messages(),
            rx.cond(
                trip_cards().to(list).length() > 0,
                trip_tickets(),
                rx.cond(trip_cards_loaded(), _no_trips()),
            ),
            new_trip_dialog(),
            rename_dialog(),
            sign_out_dialog(),
            class_name="home-main",
        ),
        class_name="page",
    )
