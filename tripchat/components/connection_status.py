"""A quiet dot that says how the connection is, and its details for whoever asks."""

import reflex as rx

from tripchat.browser.connection import (
    connection_details,
    connection_status,
    connection_word,
    try_now,
)
from tripchat.components.popover import opens

_DETAILS = "connection-details"


def _detail(pair: rx.vars.ArrayVar[list[str]]) -> rx.Component:
    return rx.el.div(rx.el.dt(pair[0]), rx.el.dd(pair[1]), key=pair[0])


def connection_status_button() -> rx.Component:
    """The dot and what it opens: status, way, round trip."""
    return rx.el.div(
        rx.el.button(
            rx.el.span(
                class_name="connection-dot",
                aria_hidden="true",
                data_connection_state=connection_status(),
            ),
            type="button",
            class_name="icon-button connection-status",
            title=connection_word(),
            aria_label="Connection: " + connection_word(),
            # Whoever looks at the details sees a round trip of now.
            on_click=try_now(),
            custom_attrs=opens(_DETAILS),
            data_testid="connection-status",
        ),
        rx.el.div(
            rx.el.dl(rx.foreach(connection_details(), _detail)),
            id=_DETAILS,
            class_name="menu connection-details",
            custom_attrs={"popover": "auto"},
            data_testid="connection-details",
        ),
        class_name="connection-anchor",
    )
