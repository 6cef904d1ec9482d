"""What a message said before it was edited."""

from typing import Any

import reflex as rx

from tripchat.browser.calls import call
from tripchat.browser.dates import full_time
from tripchat.browser.timeline import VersionRow, versions
from tripchat.components.kind_body import kind_body
from tripchat.components.popover import dialog

_DIALOG = "versions-dialog"


def edited_sign(row: Any) -> Any:
    """The word "edited", which opens the earlier versions."""
    return rx.cond(
        row.edited,
        rx.el.button(
            "edited",
            type="button",
            title=f"Edited {full_time(row.edited_iso)}",
            class_name="message-edited",
            on_click=call("timeline/message_actions", "showVersions", row.seq, _DIALOG),
            data_testid="message-edited",
        ),
    )


def _version(version: rx.vars.ObjectVar[VersionRow]) -> rx.Component:
    return rx.el.li(
        rx.el.time(full_time(version.iso), date_time=version.iso, class_name="version-time"),
        rx.el.div(kind_body(version), class_name="version-body"),
        key=version.number,
        class_name="version",
        data_testid="message-version",
    )


def versions_dialog() -> rx.Component:
    """The earlier versions of one message; needs an `edited_sign` to open it."""
    return dialog(
        rx.el.ul(rx.foreach(versions(), _version), class_name="versions"),
        popover_id=_DIALOG,
        title="Earlier versions",
    )
