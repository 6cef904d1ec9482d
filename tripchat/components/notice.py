"""A page that says one thing and shows the way on: an error, a dead link, nothing here yet."""

from typing import Any

import reflex as rx

from tripchat.components.brand import brand


def way_back(label: str = "To my trips", href: str = "/") -> rx.Component:
    """The usual way on from a notice."""
    return rx.el.a(label, href=href, class_name="button button-primary")


def postcard(*children: Any, title: Any, text: Any, icon: str) -> rx.Component:
    """A stamped card with a heading, a sentence and what can be done."""
    return rx.el.div(
        rx.el.span(rx.icon(icon, aria_hidden="true"), class_name="stamp"),
        rx.el.h1(title),
        rx.el.p(text, class_name="quiet"),
        *children,
        class_name="postcard",
    )


def notice_page(
    *children: Any, title: Any, text: Any, icon: str, class_name: str = ""
) -> rx.Component:
    """A page with nothing but a postcard under the brand."""
    return rx.el.div(
        rx.el.header(brand(), class_name="top-bar"),
        rx.el.main(
            postcard(*children, title=title, text=text, icon=icon), class_name="notice-main"
        ),
        class_name=f"page {class_name}".strip(),
    )
