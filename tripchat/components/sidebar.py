"""The column beside a channel: my trips, and who I am. A drawer on small screens."""

import reflex as rx

from tripchat.browser.live.trip_cards import trip_cards
from tripchat.components.account import account_link
from tripchat.components.brand import brand
from tripchat.components.expression import expression
from tripchat.components.new_trip import new_trip_button
from tripchat.components.popover import close_button, opens
from tripchat.components.rename import rename_button
from tripchat.components.sign_forms import sign_out_form
from tripchat.components.trip_list import trip_lines
from tripchat.state.session import SessionState

_DRAWER = "trips-drawer"


def _unread_elsewhere() -> rx.Var[bool]:
    """Whether a trip other than the open one has unread messages."""
    cards = trip_cards()
    return expression(f"{cards!s}.some((card) => card.unread > 0 && !card.current)", bool, cards)


def sidebar_button() -> rx.Component:
    """Opens the column where it is a drawer; a dot says that another trip has news."""
    unread_elsewhere = _unread_elsewhere()
    return rx.el.button(
        rx.icon("menu", aria_hidden="true"),
        rx.cond(unread_elsewhere, rx.el.span(class_name="icon-button-dot", aria_hidden="true")),
        type="button",
        class_name="icon-button sidebar-button",
        aria_label=rx.cond(unread_elsewhere, "My trips, with unread messages", "My trips"),
        custom_attrs=opens(_DRAWER),
    )


def sidebar() -> rx.Component:
    """My trips with the newest first, a new one, and signing out."""
    return rx.el.aside(
        rx.el.div(brand(), close_button(_DRAWER, "Close my trips"), class_name="sidebar-head"),
        rx.el.nav(
            rx.el.div(
                rx.el.h2("My trips"),
                new_trip_button("button button-small"),
                class_name="sidebar-bar",
            ),
            trip_lines(_DRAWER),
            aria_label="My trips",
            class_name="sidebar-trips",
        ),
        rx.el.div(
            rx.el.div(
                rx.el.span(SessionState.name, class_name="sidebar-name"),
                rx.el.span(SessionState.email, class_name="sidebar-email"),
                class_name="sidebar-me",
            ),
            rename_button(),
            account_link(),
            sign_out_form(),
            class_name="sidebar-foot",
        ),
        id=_DRAWER,
        class_name="sidebar drawer",
        aria_label="Trips and account",
        custom_attrs={"popover": "auto"},
    )
