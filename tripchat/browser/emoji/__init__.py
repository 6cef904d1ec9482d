"""The emoji picker, once on a page; `openEmojiPicker` of its module opens it beside a button."""

from __future__ import annotations

import emoji
import reflex as rx

from tripchat.browser.modules import library

_ICONS = {
    "recent": "clock-3",
    "smileys_emotion": "smile",
    "people_body": "user-round",
    "animals_nature": "leaf",
    "food_drink": "utensils",
    "travel_places": "plane",
    "activities": "trophy",
    "objects": "lightbulb",
    "symbols": "hash",
    "flags": "flag",
}

NEWEST = max(known["E"] for known in emoji.EMOJI_DATA.values())
"""The newest version of Unicode's emoji that the server knows; the picker offers no newer ones."""


class EmojiPicker(rx.Component):
    """A popover with all emoji; its children are the icons of their groups, keyed by these."""

    library = library("emoji/picker")
    tag = "EmojiPicker"
    lib_dependencies: list[str] = ["unicode-emoji-json@0.9.0", "emojilib@4.0.3"]  # noqa: RUF012

    # The newest version of Unicode's emoji that may be picked.
    newest: rx.Var[float]


def emoji_picker() -> rx.Component:
    """The picker, with the emoji that the server knows."""
    return EmojiPicker.create(
        *(rx.icon(icon, key=group, aria_hidden="true") for group, icon in _ICONS.items()),
        newest=NEWEST,
        class_name="emoji-picker",
    )
