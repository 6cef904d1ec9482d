"""The kinds of message; those TripChat brings register on import, like any extension's."""

from tripchat.kinds import text, unreadable
from tripchat.kinds.registry import MessageKind, kind, kinds, register

__all__ = ["MessageKind", "kind", "kinds", "register", "text", "unreadable"]
