"""What a reply shows of the message that it answers."""

from typing import Any

import reflex as rx

from tripchat.browser.calls import call


def reply_quote(row: Any) -> Any:
    """The quoted message's author and line; a click goes there."""
    return rx.cond(
        row.quote_seq > 0,
        rx.el.button(
            rx.el.span(row.quote_author, class_name="reply-quote-author"),
            rx.el.span(
                rx.cond(row.quote_deleted, "Message deleted", row.quote_line),
                class_name="reply-quote-line",
            ),
            type="button",
            title="Go to the message",
            class_name="reply-quote",
            on_click=call("timeline/timeline", "jumpTo", row.quote_seq),
            data_testid="reply-quote",
            data_reply_to_seq=row.quote_seq,
            data_deleted=rx.cond(row.quote_deleted, "true", "false"),
        ),
    )
