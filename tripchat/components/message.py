"""One message of the timeline."""

from typing import Any

import reflex as rx

from tripchat.browser.dates import full_time
from tripchat.browser.outbox import discard, retry
from tripchat.browser.timeline import MessageRow
from tripchat.components.avatar import avatar
from tripchat.components.hue import hue
from tripchat.kinds.registry import kinds

Row = rx.vars.ObjectVar[MessageRow]


def _bool(condition: Any) -> Any:
    """An attribute that reads "true" or "false"."""
    return rx.cond(condition, "true", "false")


def _body(row: Row) -> Any:
    """What the message's kind shows, or the trace of a deleted one."""
    shown = rx.match(
        row.kind,
        *((kind.name, kind.component(row)) for kind in kinds()),
        rx.el.div("This message needs a newer TripChat.", class_name="message-text"),
    )
    deleted = rx.el.div("Message deleted", class_name="message-text", data_testid="message-text")
    return rx.cond(row.state == "deleted", deleted, shown)


def _state_sign(row: Row) -> Any:
    """On my own messages: on its way, stored, or failed."""
    return rx.match(
        row.state,
        (
            "sending",
            rx.el.span(
                rx.icon("clock-3", aria_hidden="true"),
                rx.el.span("Sending", class_name="visually-hidden"),
                class_name="message-sign",
            ),
        ),
        (
            "sent",
            rx.cond(
                row.mine,
                rx.el.span(
                    rx.icon("check", aria_hidden="true"),
                    rx.el.span("Sent", class_name="visually-hidden"),
                    class_name="message-sign",
                ),
            ),
        ),
        rx.fragment(),
    )


def _meta(row: Row) -> Any:
    return rx.el.span(
        rx.cond(row.edited, rx.el.span("edited", class_name="message-edited")),
        rx.el.time(
            row.time_label,
            date_time=row.iso,
            title=full_time(row.iso),
            class_name="message-time",
            data_testid="message-time",
        ),
        _state_sign(row),
        class_name="message-meta",
    )


def _failure(row: Row) -> Any:
    """Why it was not sent, and the way out."""
    return rx.el.div(
        rx.el.span(
            rx.icon("circle-alert", aria_hidden="true"), row.reason, class_name="message-reason"
        ),
        rx.el.button(
            "Try again",
            type="button",
            class_name="link-button",
            on_click=retry(row.client_id),
            data_testid="message-retry",
        ),
        rx.el.button(
            "Discard",
            type="button",
            class_name="link-button",
            on_click=discard(row.client_id),
            data_testid="message-discard",
        ),
        class_name="message-failure",
        role="alert",
    )


@rx.memo
def message(row: Row, rest: rx.RestProp) -> rx.Component:
    """A message with the divider of its day, when it is the first of one.

    Memoised by its row: it renders again only when that object changes. Pass `key=row.key`.
    """
    return rx.el.div(
        rx.cond(
            row.day_label != "",
            rx.el.div(rx.el.h2(row.day_label), class_name="day-divider"),
        ),
        rx.el.article(
            rx.el.div(
                avatar(row.author_initials, row.author_hue),
                class_name="message-face",
            ),
            rx.el.div(
                rx.el.span(
                    row.author_name,
                    class_name="message-author",
                    custom_attrs=hue(row.author_hue),
                    data_testid="message-author",
                ),
                rx.el.div(_body(row), _meta(row), class_name="message-bubble"),
                rx.cond(row.state == "failed", _failure(row)),
                class_name="message-column",
            ),
            class_name="message",
            data_testid="message",
            data_message_id=row.id,
            data_client_id=row.client_id,
            data_seq=row.seq,
            data_author_id=row.author_id,
            data_mine=_bool(row.mine),
            data_state=row.state,
            data_edited=_bool(row.edited),
            data_starts_group=_bool(row.starts_group),
        ),
        rest,
        class_name="timeline-row",
    )
