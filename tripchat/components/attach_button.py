"""The button in the composer that opens the file picker."""

import reflex as rx

from tripchat.browser.attachments import AttachButton


def attach_button() -> rx.Component:
    """Files that are chosen with it go into the tray."""
    return AttachButton.create(
        rx.icon("paperclip", aria_hidden="true"),
        label="Attach photos and files",
        class_name="icon-button composer-tool attach-button",
    )
