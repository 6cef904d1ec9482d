"""The messages of a channel, with what stands above the first and instead of none."""

import reflex as rx

from tripchat.browser.live import open_trip
from tripchat.browser.timeline import (
    at_beginning,
    jump_latest,
    jump_unread,
    loading_older,
    timeline,
    timeline_rows,
)
from tripchat.components.hue import first_letter, hue, trip_hue
from tripchat.components.message import Row, message


def _beginning() -> rx.Component:
    """The page-top of a trip's story; all there is while nobody has written."""
    trip = open_trip()
    return rx.el.div(
        rx.el.span(
            first_letter(trip.title),
            class_name="trip-emblem trip-emblem-large",
            custom_attrs=hue(trip_hue(trip.trip_id)),
            aria_hidden="true",
        ),
        rx.el.p(trip.title, class_name="beginning-title"),
        rx.el.p(
            rx.cond(
                timeline_rows().length() == 0,
                "Nobody has written yet. Say hello, or invite the others first.",
                "This is where it starts.",
            ),
            class_name="quiet",
        ),
        class_name="beginning",
    )


def _loading() -> rx.Component:
    return rx.el.div(
        rx.el.span(class_name="spinner", aria_hidden="true"),
        "Loading messages",
        class_name="timeline-loading",
        role="status",
    )


def _row(row: Row) -> rx.Component:
    return message(row=row, key=row.key)


def timeline_pane() -> rx.Component:
    """The scrolling list, and the buttons to its unread messages and back to its end."""
    return rx.el.div(
        timeline(
            rx.cond(at_beginning(), _beginning()),
            rx.foreach(timeline_rows(), _row),
            class_name="timeline",
            tab_index=0,
            aria_label="Messages",
        ),
        rx.cond(loading_older(), _loading()),
        jump_unread(rx.icon("arrow-up", aria_hidden="true"), class_name="jump-unread"),
        jump_latest(rx.icon("arrow-down", aria_hidden="true"), class_name="jump-latest"),
        class_name="timeline-pane",
    )
