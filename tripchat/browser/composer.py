"""The composer: where a message is written."""

from __future__ import annotations

from typing import Any

import reflex as rx

from tripchat.browser.modules import library


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


def composer_form(*children: Any, **props: Any) -> rx.Component:
    """The composer of the open trip; `children` are what the send button shows."""
    return Composer.create(*children, **props)
