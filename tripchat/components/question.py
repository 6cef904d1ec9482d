"""A question that is asked once more before something that cannot be undone."""

from typing import Any

import reflex as rx

from tripchat.components.popover import closes, dialog


def question(
    text: Any, *, popover_id: str, title: Any, stay: str, go: str, on_go: Any, testid: str
) -> rx.Component:
    """A dialog with a way back (`stay`) and the deed (`go`), which carries the test id."""
    return dialog(
        rx.el.p(text, class_name="quiet"),
        rx.el.div(
            rx.el.button(
                stay,
                type="button",
                class_name="button button-quiet",
                custom_attrs=closes(popover_id),
            ),
            rx.el.button(
                go,
                type="button",
                class_name="button button-danger",
                on_click=on_go,
                data_testid=testid,
                custom_attrs=closes(popover_id),
            ),
            class_name="dialog-actions",
        ),
        popover_id=popover_id,
        title=title,
        class_name="question-dialog",
    )
