"""What can be done with a message: the buttons beside it."""

from typing import Any

import reflex as rx
from reflex_base.event import EventSpec

from tripchat.browser.calls import call
from tripchat.components.details import DETAILS_DIALOG


def _action(row: Any, icon: str, label: str, on_click: EventSpec, **props: Any) -> rx.Component:
    return rx.el.button(
        rx.icon(icon, aria_hidden="true"),
        rx.el.span(label, class_name="message-action-label"),
        type="button",
        title=label,
        aria_label=label,
        tab_index=rx.cond(row.menu, 0, -1),
        class_name="message-action",
        on_click=on_click,
        data_testid=f"message-{label.lower()}",
        **props,
    )


def message_actions(row: Any) -> rx.Component:
    """Shown when the pointer or the focus is on the message, or when its menu is held open.

    They are always there for those who find them by their test ids. The Tab key stops at one menu
    of the whole timeline, and the arrow keys go from one to the next; from an open menu it goes on
    to what the menu holds open.
    """
    return rx.el.div(
        rx.el.button(
            rx.icon("ellipsis", aria_hidden="true"),
            type="button",
            title="More",
            aria_label="What to do with this message",
            aria_expanded=rx.cond(row.menu, "true", "false"),
            tab_index=-1,
            class_name="message-action message-menu",
            on_click=call("timeline/message_actions", "toggleMenu", row.seq),
            data_testid="message-menu",
            custom_attrs={"data-roving": ""},
        ),
        _action(
            row,
            "smile-plus",
            "React",
            call("timeline/message_actions", "pickReaction", row.seq),
            on_mouse_enter=call("emoji/picker", "loadEmoji"),
        ),
        _action(row, "reply", "Reply", call("timeline/message_actions", "replyTo", row.seq)),
        rx.cond(
            row.editable,
            _action(row, "pencil", "Edit", call("timeline/editing", "startEdit", row.seq)),
        ),
        rx.cond(
            row.deletable,
            _action(row, "trash-2", "Delete", call("timeline/editing", "deleteMessage", row.seq)),
        ),
        rx.cond(
            row.mine,
            _action(
                row,
                "info",
                "Details",
                call("timeline/message_actions", "showDetails", row.seq, DETAILS_DIALOG),
            ),
        ),
        class_name="message-actions",
        role="group",
        aria_label="Message actions",
        data_open=rx.cond(row.menu, "true", "false"),
    )
