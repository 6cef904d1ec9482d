"""Making a trip."""

import reflex as rx

from tripchat.browser.api_form import (
    api_form,
    api_form_error,
    api_form_submit,
    time_zone_select,
)
from tripchat.components.fields import field, text_field
from tripchat.components.popover import dialog, opens

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
    """The form for a trip: a title is enough, the rest helps those who join."""
    return dialog(
        api_form(
            text_field(
                "What do you call it?",
                "title",
                control_id="new-trip-title",
                placeholder="Lisbon in May",
                required=True,
                auto_complete="off",
                data_testid="new-trip-title",
            ),
            text_field(
                "Where to?",
                "destination",
                control_id="new-trip-destination",
                hint="optional",
                placeholder="Lisbon, Portugal",
                auto_complete="off",
            ),
            rx.el.div(
                text_field(
                    "First day",
                    "starts_on",
                    control_id="new-trip-starts-on",
                    hint="optional",
                    type="date",
                ),
                text_field(
                    "Last day",
                    "ends_on",
                    control_id="new-trip-ends-on",
                    hint="optional",
                    type="date",
                ),
                class_name="field-pair",
            ),
            field(
                "Time zone there",
                time_zone_select(
                    id="new-trip-time-zone", custom_attrs={"name": "time_zone"}, class_name="input"
                ),
                control_id="new-trip-time-zone",
            ),
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
