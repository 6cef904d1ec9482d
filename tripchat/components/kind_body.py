"""What a message says, shown as its kind shows it."""

from typing import Any

import reflex as rx

from tripchat.kinds.registry import kinds


def kind_body(said: Any) -> Any:
    """`said` is a Var with `kind` and `body`: a message, or an earlier version of one."""
    return rx.match(
        said.kind,
        *((kind.name, kind.component(said)) for kind in kinds()),
        rx.el.div("This message needs a newer TripChat.", class_name="message-text"),
    )
