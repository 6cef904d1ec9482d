"""The composer: where a message is written."""

from __future__ import annotations

from typing import Any

import reflex as rx

from tripchat.browser.modules import library
from tripchat.settings import get_settings


class Composer(rx.Component):
    """A form with a growing text field; Enter sends, Shift+Enter breaks the line.

    Its children stand beside the field, in front of the button that sends.
    """

    library = library("composer/composer")
    tag = "Composer"

    # Characters that a message may have, its files, and the bytes of each.
    limit: rx.Var[int]
    most_files: rx.Var[int]
    most_bytes: rx.Var[int]
    # The field's accessible name.
    label: rx.Var[str]
    placeholder: rx.Var[str]
    # The button's accessible name, and what it shows.
    send_label: rx.Var[str]
    send_icon: rx.Component
    # What the button shows that takes a reply back.
    cancel_icon: rx.Component


def composer_form(*tools: Any) -> rx.Component:
    """The composer of the open trip; `tools` stand beside its field."""
    settings = get_settings()
    return Composer.create(
        *tools,
        limit=settings.message_max_chars,
        most_files=settings.attachments_per_message,
        most_bytes=settings.attachment_max_bytes,
        label="Message",
        placeholder="Write a message",
        send_label="Send",
        send_icon=rx.icon("send-horizontal", aria_hidden="true"),
        cancel_icon=rx.icon("x", aria_hidden="true"),
        class_name="composer",
    )
