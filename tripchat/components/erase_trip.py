"""Erasing a trip, for good: whoever does it types its title first."""

import reflex as rx

from tripchat.browser.api_form import api_form, api_form_error, api_form_submit
from tripchat.browser.live import open_trip
from tripchat.components.fields import text_field
from tripchat.components.popover import dialog

ERASE_TRIP_DIALOG = "erase-trip-dialog"


def erase_trip_dialog() -> rx.Component:
    """What will be gone, and the title to type: for organisers."""
    trip = open_trip()
    return dialog(
        rx.el.p(
            "All messages, photos and files are erased for everybody, and cannot be brought back. "
            "Whoever wants to keep them exports the trip first.",
            class_name="quiet",
        ),
        api_form(
            text_field(
                f"Type {trip.title}",
                "title",
                control_id="erase-trip-title",
                required=True,
                auto_complete="off",
                data_testid="erase-trip-title",
            ),
            api_form_error(),
            api_form_submit(
                "Erase the trip",
                class_name="button button-danger",
                data_testid="erase-trip-confirm",
            ),
            action="/api/trips/{trip_id}",
            method="DELETE",
            go_to="/",
            key=trip.trip_id,
            class_name="form",
        ),
        popover_id=ERASE_TRIP_DIALOG,
        title="Erase this trip?",
    )
