"""A button that puts a text on the clipboard and says so."""

from typing import Any

import reflex as rx

from tripchat.browser.modules import library


class CopyButton(rx.Component):
    """A button; its children are its label until it has copied."""

    library = library("copy_button")
    tag = "CopyButton"

    # The text to copy.
    text: rx.Var[str]

    # The label shown for a moment after copying.
    done: rx.Var[str]


def copy_button(*children: Any, text: str | rx.Var[str], done: str, **props: Any) -> rx.Component:
    """A button that copies `text` and then reads `done` for two seconds."""
    return CopyButton.create(*children, text=text, done=done, **props)
