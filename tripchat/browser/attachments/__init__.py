"""Photos and files: those of messages, those on their way, and the controls around them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import reflex as rx

from tripchat.browser.modules import from_hook, library


@dataclass
class AttachmentRow:
    """A photo or a file as the page shows it."""

    key: str
    attachment_id: str
    """Empty until the server has it."""
    name: str
    type: str
    """Its MIME type."""
    facts: str
    """What it is and how large: "PDF · 2.4 MB"."""
    family: str
    """Which icon it has: text, sheet, archive, image, audio, video or other."""
    photo: bool
    state: str
    """`uploading`, `ready` or `failed`."""
    progress: int
    """How much of it the server has, in hundredths."""
    reason: str
    """Why it failed."""
    width: int
    """In pixels, 0 where it is not known."""
    height: int
    shape: float
    """The width of the place for a photo that stands alone, over its height."""
    url: str
    """Where its bytes are, empty until its message is stored."""
    src: str
    """Where its preview is, for photos."""


@dataclass
class Attached:
    """What a message has besides its text."""

    photos: list[AttachmentRow]
    files: list[AttachmentRow]


class AttachButton(rx.Component):
    """Opens the file picker; its child is what it shows."""

    library = library("attachments/attaching")
    tag = "AttachButton"

    # The control's accessible name.
    label: rx.Var[str]


class DropZone(rx.Component):
    """Takes what is dropped; its children are shown while files are held over the page."""

    library = library("attachments/drop_zone")
    tag = "DropZone"

    # The CSS selector of the part of the page where files may be dropped.
    within: rx.Var[str]


class Photo(rx.Component):
    """An image that gives way to an icon where it cannot be shown."""

    library = library("attachments/photo")
    tag = "Photo"

    src: rx.Var[str]
    alt: rx.Var[str]
    loading: rx.Var[str]
    gone_icon: rx.Component


class PhotoViewer(rx.Component):
    """The photos of the open trip on the whole screen; there while it is open."""

    library = library("attachments/viewer")
    tag = "PhotoViewer"

    close_icon: rx.Component
    previous_icon: rx.Component
    next_icon: rx.Component
    download_icon: rx.Component
    gone_icon: rx.Component


def tray_rows() -> rx.vars.ArrayVar[list[AttachmentRow]]:
    """The files of the message that is being written in the open trip."""
    found = from_hook("useTray", "attachments/use_tray", "tray", list[AttachmentRow])
    return found.to(list[AttachmentRow])


def photo(src: Any, alt: Any, **props: Any) -> rx.Component:
    """An image of the trip's, loaded when it comes near the screen."""
    return Photo.create(
        src=src,
        alt=alt,
        loading="lazy",
        gone_icon=rx.icon("image-off", aria_hidden="true"),
        **props,
    )


def drop_zone(*children: Any, within: str, **props: Any) -> rx.Component:
    """What is shown over the part of the page that takes files, while one holds some over it."""
    return DropZone.create(*children, within=within, **props)


def photo_viewer() -> rx.Component:
    """The viewer of the open trip's photos."""
    return PhotoViewer.create(
        class_name="viewer",
        close_icon=rx.icon("x", aria_hidden="true"),
        previous_icon=rx.icon("chevron-left", aria_hidden="true"),
        next_icon=rx.icon("chevron-right", aria_hidden="true"),
        download_icon=rx.icon("download", aria_hidden="true"),
        gone_icon=rx.icon("image-off", aria_hidden="true"),
    )
