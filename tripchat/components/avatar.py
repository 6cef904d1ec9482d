"""People as coloured initials."""

from typing import Any

import reflex as rx

from tripchat.components.hue import hue


def avatar(initials: Any, degrees: Any, size: str = "m") -> rx.Component:
    """A round avatar, "s" or "m"; hidden from screen readers: the name stands beside it."""
    return rx.el.span(
        initials,
        class_name=f"avatar avatar-{size}",
        custom_attrs=hue(degrees),
        aria_hidden="true",
    )
