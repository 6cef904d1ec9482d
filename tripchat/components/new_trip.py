"""Making a trip."""

import reflex as rx

from tripchat.browser.api_form import api_form, api_form_error, api_form_submit
from tripchat.components.popover import dialog, opens
from tripchat.components.trip_fields import trip_fields

_DIALOG = "new-trip-dialog"


def new_trip_button(class_name: str = "button button-primary") -> rx.Component:
    """Opens the form; needs a `new_trip_dialog` on the page."""
    return rx.el.button(
        rx.icon("plus", aria_hidden="true"),
        rx.el.span("New trip"),
        type="button",
        class_name=class_name,
        data_testid="new-trip",
        custom_attrs=opens(_DIALOG),
    )


def new_trip_dialog() -> rx.Component:
    """The form for a new trip."""
    return dialog(
        api_form(
            *trip_fields("new-trip"),
            api_form_error(),
            api_form_submit(
                "Create trip", class_name="button button-primary", data_testid="new-trip-submit"
            ),
            action="/api/trips",
            go_to="/trip/{trip_id}",
            class_name="form",
        ),
        popover_id=_DIALOG,
        title="A new trip",
    )
