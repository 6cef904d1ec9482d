"""One message of the timeline."""

from typing import Any

import reflex as rx

from tripchat.browser.dates import full_time
from tripchat.browser.live.outbox import discard, retry
from tripchat.browser.timeline import MessageRow, message_editor
from tripchat.components.attachments import attachments
from tripchat.components.avatar import avatar
from tripchat.components.hue import hue
from tripchat.components.kind_body import kind_body
from tripchat.components.link_preview import link_preview
from tripchat.components.message_actions import message_actions
from tripchat.components.quote import reply_quote
from tripchat.components.reactions import reactions
from tripchat.components.versions import edited_sign

Row = rx.vars.ObjectVar[MessageRow]


def _bool(condition: Any) -> Any:
    """An attribute that reads "true" or "false"."""
    return rx.cond(condition, "true", "false")


def _said(row: Row) -> Any:
    """What the message says, the trace of a deleted one, or the field in which it is edited."""
    deleted = rx.el.div("Message deleted", class_name="message-text", data_testid="message-text")
    return rx.cond(
        row.state == "deleted",
        deleted,
        rx.cond(
            row.editing,
            rx.fragment(attachments(row), message_editor(row.seq, class_name="editor")),
            rx.fragment(kind_body(row), link_preview(row)),
        ),
    )


def _state_sign(row: Row) -> Any:
    """On my own messages: on its way, stored, or failed."""
    return rx.match(
        row.state,
        (
            "sending",
            rx.el.span(
                rx.icon("clock-3", aria_hidden="true"),
                rx.cond(
                    row.reason != "",
                    rx.el.span(row.reason, class_name="message-waits"),
                    rx.el.span("Sending", class_name="visually-hidden"),
                ),
                class_name="message-sign",
            ),
        ),
        (
            "sent",
            rx.cond(
                row.seen_by != "",
                rx.el.span(
                    rx.icon("check-check", aria_hidden="true"),
                    rx.el.span(row.seen_by, class_name="visually-hidden"),
                    title=row.seen_by,
                    class_name="message-sign message-sign-seen",
                ),
                rx.cond(
                    row.mine,
                    rx.el.span(
                        rx.icon("check", aria_hidden="true"),
                        rx.el.span("Sent", class_name="visually-hidden"),
                        class_name="message-sign",
                    ),
                ),
            ),
        ),
        rx.fragment(),
    )


def _meta(row: Row) -> Any:
    return rx.el.span(
        edited_sign(row),
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


def _seen(row: Row) -> Any:
    """Under my newest message: who has seen it."""
    return rx.cond(
        row.newest_mine & (row.seen_by != ""),
        rx.el.p(row.seen_by, class_name="message-seen", aria_hidden="true", data_testid="seen-by"),
    )


def _dividers(row: Row) -> Any:
    """The day, on its first message; the line above the first that was unread."""
    return rx.fragment(
        rx.cond(
            row.day_label != "",
            rx.el.div(rx.el.h2(row.day_label), class_name="day-divider"),
        ),
        rx.cond(
            row.starts_unread,
            rx.el.div(rx.el.span("New"), class_name="unread-divider", data_testid="unread-divider"),
        ),
    )


@rx.memo
def message(row: Row, rest: rx.RestProp) -> rx.Component:
    """A message with the dividers above it.

    Memoised by its row: it renders again only when that object changes. Pass `key=row.key`.
    """
    return rx.el.div(
        _dividers(row),
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
                rx.el.div(
                    rx.el.div(
                        reply_quote(row),
                        _said(row),
                        rx.cond(row.editing, rx.fragment(), _meta(row)),
                        class_name="message-bubble",
                    ),
                    rx.cond(row.state == "sent", message_actions(row)),
                    class_name="message-line",
                ),
                reactions(row),
                rx.cond(row.state == "failed", _failure(row)),
                _seen(row),
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
            data_names_me=_bool(row.names_me),
            data_changing=_bool(row.changing),
            data_starts_group=_bool(row.starts_group),
        ),
        rest,
        class_name="timeline-row",
    )
