"""The parts of the account's page, in their order; what else belongs there is added to them."""

from __future__ import annotations

from collections.abc import Callable

import reflex as rx
from reflex_components_core.react_router import link

from tripchat.components.devices import devices_section
from tripchat.components.erase_account import erase_account_section
from tripchat.components.password import password_section
from tripchat.components.rename import rename_button
from tripchat.components.section import section
from tripchat.state.session import SessionState


def account_link() -> rx.Component:
    """Leads to my account."""
    return link(
        rx.icon("circle-user-round", aria_hidden="true"),
        to="/account",
        class_name="icon-button",
        title="Your account",
        aria_label="Your account",
        data_testid="account-link",
    )


def _me() -> rx.Component:
    """My name, which can be changed, and the email address that I sign in with."""
    return section(
        rx.el.dl(
            rx.el.dt("Name"),
            rx.el.dd(rx.el.span(SessionState.name, data_testid="account-name"), rename_button()),
            rx.el.dt("Email"),
            rx.el.dd(SessionState.email, data_testid="account-email"),
            class_name="account-facts",
        ),
        title="You",
    )


SECTIONS: list[Callable[[], rx.Component]] = [
    _me,
    devices_section,
    password_section,
    erase_account_section,
]
"""What the account's page shows, from top to bottom."""
