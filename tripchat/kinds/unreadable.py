"""Shown in place of a message that does not open: its seal is broken, its extension is gone."""

from typing import Any

from tripchat.errors import Invalid
from tripchat.kinds.registry import Body, MessageKind, register

WORDS = "This message cannot be opened."


def validate(body: Body) -> Body:
    """Nobody sends these: always raises Invalid."""
    raise Invalid("There is no such kind of message.", field="kind")


def view(body: Body) -> Body:
    """The words in place of the message."""
    return {"text": WORDS}


def line(view: Body) -> str:
    """The same words."""
    return WORDS


def component(message: Any) -> Any:
    """The words, set apart from what people write."""
    # Here, so that services know the kinds without loading the UI.
    import reflex as rx

    return rx.el.div(WORDS, class_name="message-text message-text-unreadable", role="note")


UNREADABLE = register(
    MessageKind(name="unreadable", validate=validate, view=view, line=line, component=component)
)
