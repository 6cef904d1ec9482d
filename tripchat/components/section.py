"""A part of a page under a heading of its own."""

from typing import Any

import reflex as rx


def section(*children: Any, title: str, text: str = "", **props: Any) -> rx.Component:
    """A card with a heading, a sentence where one helps, and its content."""
    return rx.el.section(
        rx.el.h2(title),
        rx.el.p(text, class_name="quiet") if text else None,
        *children,
        class_name="section",
        **props,
    )
