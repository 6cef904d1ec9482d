"""The photos and files of a message."""

from typing import Any

import reflex as rx

from tripchat.browser.attachments import Attached, AttachmentRow, photo
from tripchat.browser.calls import call

SHOWN = 4
"""Photos of one message that are in view; the last one says how many more there are."""

_ICONS = {
    "text": "file-text",
    "sheet": "file-spreadsheet",
    "archive": "file-archive",
    "image": "file-image",
    "audio": "file-music",
    "video": "file-video",
}

# The arrow keys go to it from the messages' menus.
_ROVING = {"data-roving": ""}

Attachment = rx.vars.ObjectVar[AttachmentRow]


def carries(row: Attachment) -> dict[str, Any]:
    """The attributes of every element that is an attachment."""
    return {
        "data_testid": "attachment",
        "data_attachment_id": row.attachment_id,
        "data_type": row.type,
        "data_state": row.state,
        "data_progress": row.progress,
    }


def file_icon(row: Attachment) -> Any:
    """What kind of file it is, at a glance."""
    return rx.match(
        row.family,
        *((family, rx.icon(icon, aria_hidden="true")) for family, icon in _ICONS.items()),
        rx.icon("file", aria_hidden="true"),
    )


def upload_progress(row: Attachment) -> Any:
    """How far an upload is; nothing when it has ended."""
    return rx.cond(
        row.state == "uploading",
        rx.el.progress(
            value=row.progress,
            max=100,
            aria_label=f"Uploading {row.name}",
            class_name="attachment-progress",
        ),
    )


def _photo(row: Attachment, index: Any, count: Any) -> rx.Component:
    more = count - SHOWN
    return rx.el.button(
        photo(row.src, f"Photo {row.name}"),
        upload_progress(row),
        rx.cond(
            (index == SHOWN - 1) & (more > 0),
            rx.el.span(
                "+",
                more,
                rx.el.span(" more photos", class_name="visually-hidden"),
                class_name="photo-more",
            ),
        ),
        **carries(row),
        key=row.key,
        type="button",
        disabled=row.url == "",
        tab_index=-1,
        title=row.name,
        class_name="photo-tile",
        style={"--shape": row.shape},
        on_click=call("attachments/viewer", "openViewer", row.attachment_id),
        custom_attrs=_ROVING,
    )


def _file(row: Attachment) -> rx.Component:
    card = (
        rx.el.span(file_icon(row), class_name="file-icon"),
        rx.el.span(
            rx.el.span(row.name, class_name="file-name"),
            rx.el.span(row.facts, class_name="file-facts"),
            upload_progress(row),
            class_name="file-words",
        ),
    )
    return rx.cond(
        row.url != "",
        rx.el.a(
            *card,
            rx.icon("download", aria_hidden="true", class_name="file-download"),
            **carries(row),
            key=row.key,
            href=row.url,
            download=row.name,
            tab_index=-1,
            title=f"Download {row.name}",
            class_name="file-card",
            # It leads out of the app: the page's router must not take it for one of its own.
            custom_attrs={**_ROVING, "reloadDocument": rx.Var("true")},
        ),
        rx.el.div(*card, **carries(row), key=row.key, class_name="file-card"),
    )


def attachments(message: Any) -> Any:
    """What a message has besides its text, in the order in which it was given: photos, then files.

    `message` is the Var that a kind's component is given. Nothing for those without any.
    """
    attached = message["attachments"].to(Attached)
    photos = attached.photos.to(list[AttachmentRow])
    files = attached.files.to(list[AttachmentRow])
    return rx.fragment(
        rx.cond(
            photos,
            rx.el.div(
                rx.foreach(photos, lambda row, index: _photo(row, index, photos.length())),
                class_name="photo-grid",
                data_count=photos.length(),
            ),
        ),
        rx.cond(files, rx.el.div(rx.foreach(files, _file), class_name="file-cards")),
    )
