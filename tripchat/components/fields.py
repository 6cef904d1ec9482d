"""Labelled controls for forms."""

from typing import Any

import reflex as rx


def field(label: str, control: rx.Component, *, control_id: str, hint: str = "") -> rx.Component:
    """A control under its label, with a quiet hint where one helps."""
    return rx.el.div(
        rx.el.label(
            label,
            rx.el.span(hint, class_name="field-hint") if hint else None,
            html_for=control_id,
            class_name="field-label",
        ),
        control,
        class_name="field",
    )


def text_field(
    label: str, name: str, *, control_id: str, hint: str = "", **props: Any
) -> rx.Component:
    """A one-line input (text unless `type` says otherwise) under its label."""
    control = rx.el.input(id=control_id, name=name, class_name="input", **{"type": "text", **props})
    return field(label, control, control_id=control_id, hint=hint)
