"""What a message's link leads to."""

from typing import Any

import reflex as rx


def link_preview(row: Any) -> Any:
    """The page's site, title and description under the text, as text alone: nothing is loaded."""
    preview = row.body["preview"].to(dict[str, str])
    return rx.cond(
        row.body["preview"],
        rx.el.a(
            rx.el.span(preview["site"], class_name="link-preview-site"),
            rx.el.span(preview["title"], class_name="link-preview-title"),
            rx.cond(
                preview["description"] != "",
                rx.el.span(preview["description"], class_name="link-preview-description"),
            ),
            href=preview["url"],
            target="_blank",
            rel="noopener noreferrer nofollow",
            class_name="link-preview",
            data_testid="link-preview",
            data_url=preview["url"],
        ),
    )
