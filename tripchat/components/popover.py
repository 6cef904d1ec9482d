"""Drawers, menus and dialogs, made of popovers: Escape or a click outside closes them."""

from typing import Any

import reflex as rx

# A dialog takes the focus when it opens: its first field, or itself where it has none.
_TAKE_FOCUS = rx.Var(
    '((event) => event.newState === "open" && '
    '(event.currentTarget.querySelector("input, select") ?? event.currentTarget).focus())'
)


def opens(popover_id: str) -> dict[str, str]:
    """Attributes of a button that opens and closes a popover."""
    return {"popoverTarget": popover_id}


def closes(popover_id: str) -> dict[str, str]:
    """Attributes of a button that closes a popover."""
    return {"popoverTarget": popover_id, "popoverTargetAction": "hide"}


def hide(popover_id: str) -> rx.Var:
    """A click handler that closes a popover, for links that stay within the page."""
    return rx.Var(f'(() => document.getElementById("{popover_id}")?.hidePopover())').to(
        rx.EventChain
    )


def close_button(popover_id: str, label: str = "Close") -> rx.Component:
    """The cross in a popover's corner."""
    return rx.el.button(
        rx.icon("x", aria_hidden="true"),
        type="button",
        class_name="icon-button popover-close",
        aria_label=label,
        custom_attrs=closes(popover_id),
    )


def dialog(*children: Any, popover_id: str, title: Any, class_name: str = "") -> rx.Component:
    """A dialog in the middle of the page, named by its heading."""
    heading_id = f"{popover_id}-title"
    return rx.el.div(
        rx.el.header(
            rx.el.h2(title, id=heading_id),
            close_button(popover_id),
            class_name="dialog-head",
        ),
        *children,
        id=popover_id,
        role="dialog",
        aria_labelledby=heading_id,
        tab_index=-1,
        class_name=f"dialog {class_name}".strip(),
        custom_attrs={"popover": "auto", "onToggle": _TAKE_FOCUS},
    )
