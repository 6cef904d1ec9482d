"""The emoji under a message."""

from typing import Any

import reflex as rx

from tripchat.browser.calls import call
from tripchat.browser.timeline import ReactionRow


def _reaction(row: Any, reaction: Any) -> rx.Component:
    return rx.el.button(
        rx.el.span(reaction.emoji, class_name="reaction-emoji"),
        rx.el.span(reaction.count, class_name="reaction-count"),
        key=reaction.emoji,
        type="button",
        title=reaction.who,
        aria_label=f"{reaction.emoji} {reaction.count}: {reaction.who}",
        aria_pressed=rx.cond(reaction.mine, "true", "false"),
        class_name="reaction",
        on_click=call(
            "timeline/message_actions", "setReaction", row.seq, reaction.emoji, ~reaction.mine
        ),
        data_testid="reaction",
        data_emoji=reaction.emoji,
        data_count=reaction.count,
        data_mine=rx.cond(reaction.mine, "true", "false"),
    )


def reactions(row: Any) -> Any:
    """One button for each emoji, which a click adds to or takes mine away from."""
    return rx.cond(
        row.reactions.length() > 0,
        rx.el.div(
            rx.foreach(row.reactions.to(list[ReactionRow]), lambda each: _reaction(row, each)),
            class_name="reactions",
            role="group",
            aria_label="Reactions",
        ),
    )
