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
        "account",
        "room",
        "timeline",
        "markup",
        "link_preview",
        "message_actions",
        "reactions",
        "replies",
        "reading",
        "attachments",
        "composer",
        "tray",
        "viewer",
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
        _theme_color("#faf6ee", "light"),
        _theme_color("#0c1817", "dark"),
        rx.el.link(rel="icon", href="/favicon.svg", type="image/svg+xml"),
    ]


def _theme_color(color: str, scheme: str) -> rx.Component:
    # Reflex knows no `media` of a `meta`, and would make a style of it.
    media = {"media": f"(prefers-color-scheme: {scheme})"}
    return rx.el.meta(name="theme-color", content=color, custom_attrs=media)
