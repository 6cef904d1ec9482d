"""Kinds of message. A kind is one module that registers what it needs to say about itself."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tripchat.errors import Invalid

Body = dict[str, Any]


@dataclass(frozen=True)
class MessageKind:
    """How messages of one kind are checked, shown and told in a line."""

    name: str
    """Stored with every message of this kind: it cannot change later."""

    validate: Callable[[Body], Body]
    """What a sender gave -> what is stored (JSON); raises Invalid naming the field."""

    view: Callable[[Body], Body]
    """What is stored -> what browsers get (JSON)."""

    line: Callable[[Body], str]
    """The view in one line, for lists, replies and notifications."""

    component: Callable[[Any], Any]
    """The message's Var -> the Reflex component that shows `message["body"]`."""

    label: str | None = None
    """Its name in menus; None keeps it out of them."""

    link: Callable[[Body], str | None] = lambda view: None
    """The view -> the web page that it leads to, of which a preview may be shown."""

    def checked(self, body: object) -> Body:
        """What is stored of whatever a sender gave; raises Invalid naming the field."""
        if not isinstance(body, dict):
            raise Invalid("A message needs a body.", field="body")
        return self.validate(body)


_kinds: dict[str, MessageKind] = {}


def register(kind: MessageKind) -> MessageKind:
    """Add a kind; raises ValueError when its name belongs to another one."""
    if _kinds.setdefault(kind.name, kind) != kind:
        raise ValueError(f"the message kind {kind.name!r} is registered twice")
    return kind


def kind(name: object) -> MessageKind:
    """The kind of this name; raises Invalid when there is none."""
    found = _kinds.get(name) if isinstance(name, str) else None
    if found is None:
        raise Invalid("There is no such kind of message.", field="kind")
    return found


def kinds() -> tuple[MessageKind, ...]:
    """All kinds, in the order they were registered."""
    return tuple(_kinds.values())
