"""Colours and initials that follow from an id or a title, the same in every tab."""

from typing import Any

import reflex as rx

from tripchat.components.expression import expression


def hue(degrees: Any) -> dict[str, Any]:
    """The attribute that hands a hue (0-359) to the style sheets as `--hue`.

    A plain style attribute: Reflex's `style` would make a CSS class for each hue as it renders.
    """
    degrees = rx.Var.create(degrees)
    return {"style": expression(f'{{"--hue": {degrees!s}}}', dict, degrees)}


def trip_hue(trip_id: Any) -> rx.Var[int]:
    """A trip's hue, from its id."""
    return expression(
        f"Array.from({trip_id!s}).reduce((hue, c) => (hue * 31 + c.codePointAt(0)) % 360, 7)",
        int,
        trip_id,
    )


def first_letter(title: Any) -> rx.Var[str]:
    """A title's first character, whole even where it is an emoji."""
    return expression(f'(Array.from({title!s}.trim())[0] ?? "").toUpperCase()', str, title)
