"""Who is typing, in a line of its own above the composer."""

import reflex as rx

from tripchat.browser.live import typists


def typing_line() -> rx.Component:
    """Always there, so that nothing moves when somebody begins; empty while nobody types."""
    return rx.el.div(
        rx.cond(
            typists().words != "",
            rx.el.span(
                rx.el.span(class_name="typing-dots", aria_hidden="true"),
                typists().words,
                class_name="typing-words",
            ),
        ),
        class_name="typing",
        data_testid="typing",
        data_user_ids=typists().ids,
        aria_live="polite",
    )
