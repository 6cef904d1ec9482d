"""The composer: where a message is written."""

from __future__ import annotations

import reflex as rx

from tripchat.browser.modules import library
from tripchat.settings import get_settings


class Composer(rx.Component):
    """A form with a growing text field; Enter sends, Shift+Enter breaks the line."""

    library = library("composer")
    tag = "Composer"

    # Characters that a message may have.
    limit: rx.Var[int]
    # The field's accessible name.
    label: rx.Var[str]
    placeholder: rx.Var[str]
    # The button's accessible name; its children are what it shows.
    send_label: rx.Var[str]


def composer_form() -> rx.Component:
    """The composer of the open trip."""
    return Composer.create(
        rx.icon("send-horizontal", aria_hidden="true"),
        limit=get_settings().message_max_chars,
        label="Message",
        placeholder="Write a message",
        send_label="Send",
        class_name="composer",
    )
