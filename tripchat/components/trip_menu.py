"""What else can be done with the open trip."""

from typing import Any

import reflex as rx

from tripchat.browser.live import i_organise, open_trip
from tripchat.components.audit import AUDIT_DIALOG
from tripchat.components.edit_trip import EDIT_TRIP_DIALOG
from tripchat.components.erase_trip import ERASE_TRIP_DIALOG
from tripchat.components.leave import LEAVE_DIALOG
from tripchat.components.popover import hide, opens
from tripchat.state.audit import AuditState

_MENU = "trip-menu"


def _item(icon: str, label: str, dialog_id: str, testid: str, **props: Any) -> rx.Component:
    """An item that opens a dialog; the menu closes by itself when one does."""
    return rx.el.button(
        rx.icon(icon, aria_hidden="true"),
        label,
        type="button",
        class_name="menu-item",
        custom_attrs=opens(dialog_id),
        data_testid=testid,
        **props,
    )


def _export() -> rx.Component:
    """All of the trip in one file, which the browser keeps where it keeps such."""
    return rx.el.a(
        rx.icon("download", aria_hidden="true"),
        "Export",
        href="/api/trips/" + open_trip().trip_id + "/export",
        download=True,
        class_name="menu-item",
        on_click=hide(_MENU),
        # It leads out of the app: the page's router must not take it for one of its own.
        custom_attrs={"reloadDocument": rx.Var("true")},
        data_testid="trip-export",
    )


def trip_menu() -> Any:
    """The button with three dots and what it opens; needs the dialogs on the page."""
    return rx.el.div(
        rx.el.button(
            rx.icon("ellipsis-vertical", aria_hidden="true"),
            type="button",
            class_name="icon-button trip-menu-button",
            aria_label="More about this trip",
            custom_attrs=opens(_MENU),
        ),
        rx.el.div(
            rx.cond(i_organise(), _item("pencil", "Edit trip…", EDIT_TRIP_DIALOG, "trip-edit")),
            _export(),
            rx.cond(
                i_organise(),
                _item(
                    "scroll-text",
                    "What organisers did…",
                    AUDIT_DIALOG,
                    "audit",
                    on_click=AuditState.show,
                ),
            ),
            _item("door-open", "Leave trip…", LEAVE_DIALOG, "leave"),
            rx.cond(i_organise(), _item("trash-2", "Erase trip…", ERASE_TRIP_DIALOG, "erase-trip")),
            id=_MENU,
            class_name="menu trip-menu",
            custom_attrs={"popover": "auto"},
        ),
        class_name="trip-menu-anchor",
    )
