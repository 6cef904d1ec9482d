"""What every page loads for its look: the style sheets in their order, the icon, the colours."""

import reflex as rx

STYLESHEETS = [
    f"/styles/{name}.css"
    for name in (
        "tokens",
        "base",
        "controls",
        "overlays",
        "connection",
        "emoji_picker",
        "landing",
        "trips",
        "room",
        "timeline",
        "markup",
        "link_preview",
        "message_actions",
        "reactions",
        "replies",
        "reading",
        "composer",
        "outbox",
        "skeleton",
    )
]


def head() -> list[rx.Component]:
    """Elements for the head of every page.

    The viewport reaches under notches and shrinks with the keyboard: the composer stays above it.
    """
    return [
        rx.el.meta(
            name="viewport",
            content="width=device-width, initial-scale=1, viewport-fit=cover, "
            "interactive-widget=resizes-content",
        ),
        rx.el.meta(name="color-scheme", content="light dark"),
        rx.el.meta(name="theme-color", content="#faf6ee", media="(prefers-color-scheme: light)"),
        rx.el.meta(name="theme-color", content="#0c1817", media="(prefers-color-scheme: dark)"),
        rx.el.link(rel="icon", href="/favicon.svg", type="image/svg+xml"),
    ]
