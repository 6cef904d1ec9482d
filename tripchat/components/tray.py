"""The files of the message that is being written, above its field."""

import reflex as rx

from tripchat.browser.attachments import photo, tray_rows
from tripchat.browser.calls import call
from tripchat.components.attachments import Attachment, carries, file_icon, upload_progress


def _file(row: Attachment) -> rx.Component:
    return rx.el.li(
        rx.cond(
            row.photo,
            rx.el.span(photo(row.src, ""), class_name="tray-preview"),
            rx.el.span(file_icon(row), class_name="tray-preview"),
        ),
        rx.el.span(
            rx.el.span(row.name, class_name="file-name"),
            rx.cond(
                row.state == "failed",
                rx.el.span(row.reason, role="alert", class_name="tray-reason"),
                rx.el.span(row.facts, class_name="file-facts"),
            ),
            upload_progress(row),
            class_name="file-words",
        ),
        rx.cond(
            row.state == "failed",
            rx.el.button(
                rx.icon("rotate-cw", aria_hidden="true"),
                type="button",
                title="Try again",
                aria_label=f"Try again to upload {row.name}",
                class_name="icon-button",
                on_click=call("attachments/attaching", "retryUpload", row.key),
                data_testid="attachment-retry",
            ),
        ),
        rx.el.button(
            rx.icon("x", aria_hidden="true"),
            type="button",
            title="Remove",
            aria_label=f"Remove {row.name}",
            class_name="icon-button",
            on_click=call("attachments/attaching", "cancelUpload", row.key),
            data_testid="attachment-cancel",
        ),
        **carries(row),
        key=row.key,
        class_name="tray-file",
    )


def tray() -> rx.Component | rx.Var:
    """Each file with its preview, how far it is and the ways on; nothing when there are none."""
    rows = tray_rows()
    return rx.cond(
        rows.length() > 0,
        rx.el.ul(
            rx.foreach(rows, _file),
            class_name="tray",
            aria_label="Files of this message",
            data_testid="tray",
        ),
    )
