"""Changing what a trip is called, where it goes and when."""

import reflex as rx

from tripchat.browser.api_form import api_form, api_form_error, api_form_submit
from tripchat.browser.live import open_trip
from tripchat.components.popover import dialog
from tripchat.components.trip_fields import trip_fields

EDIT_TRIP_DIALOG = "edit-trip-dialog"


def edit_trip_dialog() -> rx.Component:
    """The open trip's description in a form: for organisers."""
    trip = open_trip()
    return dialog(
        api_form(
            *trip_fields("edit-trip", trip),
            api_form_error(),
            api_form_submit("Save", class_name="button button-primary", data_testid="trip-save"),
            action="/api/trips/{trip_id}",
            method="PUT",
            # Another form for another description: its fields start at what is true now.
            key=rx.Var.create(
                [trip.trip_id, trip.title, trip.destination, trip.starts_on, trip.ends_on]
            )
            .to(list[str])
            .join("|"),
            class_name="form",
        ),
        popover_id=EDIT_TRIP_DIALOG,
        title="The trip",
    )
