"""The passing notice at the foot of a page."""

import reflex as rx

from tripchat.state.notice import NoticeState


def toast() -> rx.Component:
    """What `NoticeState` has to say, until it is dismissed."""
    return rx.el.div(
        rx.cond(
            NoticeState.text != "",
            rx.el.div(
                rx.cond(
                    NoticeState.kind == "info",
                    rx.icon("info", aria_hidden="true"),
                    rx.icon("circle-alert", aria_hidden="true"),
                ),
                rx.el.span(NoticeState.text, class_name="toast-text"),
                rx.el.button(
                    rx.icon("x", aria_hidden="true"),
                    type="button",
                    class_name="icon-button",
                    aria_label="Dismiss",
                    on_click=NoticeState.dismiss,
                ),
                class_name="toast",
                data_testid="toast",
                data_kind=rx.cond(NoticeState.kind == "info", "info", "error"),
                data_passing=rx.cond(NoticeState.kind == "unavailable", "true", "false"),
            ),
        ),
        class_name="toast-place",
        role="status",
    )
