"""What describes a trip, as fields of a form: for making one and for changing one."""

from typing import Any

import reflex as rx

from tripchat.browser.api_form import time_zone_select
from tripchat.components.fields import field, text_field


def trip_fields(prefix: str, trip: Any = None) -> list[rx.Component]:
    """A title is enough, the rest helps those who join.

    `prefix` begins the ids of the fields; with a `trip` (a Var) they start at what it says now.
    """

    def text(label: str, name: str, **props: Any) -> rx.Component:
        if trip is not None:
            props["default_value"] = trip[name]
        control_id = f"{prefix}-{name.replace('_', '-')}"
        return text_field(label, name, control_id=control_id, **props)

    zone_id = f"{prefix}-time-zone"
    return [
        text(
            "What do you call it?",
            "title",
            placeholder="Lisbon in May",
            required=True,
            auto_complete="off",
            data_testid=f"{prefix}-title",
        ),
        text(
            "Where to?",
            "destination",
            hint="optional",
            placeholder="Lisbon, Portugal",
            auto_complete="off",
        ),
        rx.el.div(
            text("First day", "starts_on", hint="optional", type="date"),
            text("Last day", "ends_on", hint="optional", type="date"),
            class_name="field-pair",
        ),
        field(
            "Time zone there",
            time_zone_select(
                "" if trip is None else trip.time_zone,
                id=zone_id,
                custom_attrs={"name": "time_zone"},
                class_name="input",
            ),
            control_id=zone_id,
        ),
    ]
