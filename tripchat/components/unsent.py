"""What was written for a trip that takes nothing of mine any more."""

import reflex as rx

from tripchat.browser.copy_button import copy_button
from tripchat.browser.dates import full_time
from tripchat.browser.live.outbox import (
    RefusalRow,
    UnsentRow,
    discard,
    is_stuck,
    refusals,
    unsent,
)


def _message(row: rx.vars.ObjectVar[UnsentRow]) -> rx.Component:
    return rx.el.li(
        rx.el.time(full_time(row.iso), date_time=row.iso, class_name="version-time"),
        rx.el.p(row.text, class_name="unsent-text", data_testid="unsent-text"),
        rx.el.div(
            copy_button(
                "Copy",
                text=row.text,
                done="Copied",
                class_name="link-button",
                data_testid="unsent-copy",
            ),
            rx.el.button(
                "Discard",
                type="button",
                class_name="link-button",
                on_click=discard(row.client_id),
                data_testid="message-discard",
            ),
            class_name="unsent-buttons",
        ),
        key=row.client_id,
        class_name="unsent-message",
        data_testid="unsent-message",
        data_client_id=row.client_id,
    )


def storing_banner() -> rx.Component | rx.Var:
    """Says that messages cannot be stored at the moment, as long as that is so."""
    return rx.cond(
        is_stuck(),
        rx.el.div(
            rx.el.span(
                "Messages cannot be stored at the moment. "
                "Yours are kept and sent as soon as they can.",
                role="status",
            ),
            class_name="connection-banner storing-banner",
            data_testid="storing-banner",
        ),
    )


def unsent_messages() -> rx.Component | rx.Var:
    """The messages that were not sent, to be copied or discarded; nothing when there are none."""
    rows = unsent()
    return rx.cond(
        rows.length() > 0,
        rx.el.section(
            rx.el.h2("Not sent"),
            rx.el.p("What you wrote for this trip is kept here.", class_name="quiet"),
            rx.el.ul(rx.foreach(rows, _message), class_name="unsent-list"),
            class_name="unsent",
            aria_label="Messages that were not sent",
            data_testid="unsent",
        ),
    )


def _refusal(row: rx.vars.ObjectVar[RefusalRow]) -> rx.Component:
    return rx.el.li(
        rx.el.a(
            rx.icon("circle-alert", aria_hidden="true"),
            rx.cond(row.count == 1, "A message", f"{row.count} messages"),
            " of yours could not be sent",
            href=f"/trip/{row.trip_id}",
            class_name="refusal",
            data_testid="refusal",
            data_trip_id=row.trip_id,
        ),
        key=row.trip_id,
    )


def refused_messages() -> rx.Component | rx.Var:
    """Links to the trips that have refused something of mine: I may be in them no more."""
    rows = refusals()
    return rx.cond(rows.length() > 0, rx.el.ul(rx.foreach(rows, _refusal), class_name="refusals"))
