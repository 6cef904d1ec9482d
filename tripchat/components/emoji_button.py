"""The button in the composer that offers emoji."""

import reflex as rx

from tripchat.browser.calls import call

_BUTTON = "composer-emoji"


def emoji_button() -> rx.Component:
    """Puts an emoji where the caret is; needs an `emoji_picker` on the page."""
    return rx.el.button(
        rx.icon("smile", aria_hidden="true"),
        id=_BUTTON,
        type="button",
        title="Emoji",
        aria_label="Emoji",
        class_name="icon-button composer-tool",
        on_mouse_enter=call("emoji/picker", "loadEmoji"),
        on_click=call("composer/composing", "pickEmoji", _BUTTON),
        data_testid=_BUTTON,
    )
