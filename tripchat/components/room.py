"""The open channel: who and where above, the messages, the composer below."""

from typing import Any

import reflex as rx

from tripchat.browser.attachments import drop_zone
from tripchat.browser.dates import trip_dates
from tripchat.browser.live import last_seq, open_trip
from tripchat.components.connection_status import connection_status_button
from tripchat.components.invite import invite_button
from tripchat.components.members import member_count, member_faces
from tripchat.components.sidebar import sidebar_button
from tripchat.components.timeline_pane import timeline_pane
from tripchat.components.tray import tray
from tripchat.components.trip_menu import trip_menu
from tripchat.components.typing_line import typing_line

ROOM_ID = "room"
"""Where the link past the list of trips leads."""


def _room_head() -> rx.Component:
    trip = open_trip()
    dates = trip_dates(trip.starts_on, trip.ends_on)
    return rx.el.header(
        sidebar_button(),
        rx.el.div(
            rx.el.h1(trip.title, class_name="room-title"),
            rx.el.p(
                rx.cond(trip.destination, rx.el.span(trip.destination)),
                rx.cond(dates, rx.el.span(dates)),
                class_name="room-facts",
            ),
            class_name="room-names",
        ),
        connection_status_button(),
        member_faces(),
        invite_button(),
        trip_menu(),
        class_name="room-head",
    )


def room(composer: Any) -> rx.Component:
    """The channel of the open trip around a composer."""
    return rx.el.main(
        _room_head(),
        timeline_pane(),
        rx.el.div(typing_line(), tray(), composer, class_name="room-foot"),
        drop_zone(
            rx.icon("image-up", aria_hidden="true"),
            "Drop photos and files here",
            within=f"#{ROOM_ID}",
            class_name="drop-zone",
        ),
        id=ROOM_ID,
        tab_index=-1,
        class_name="room",
        data_testid="room",
        data_trip_id=open_trip().trip_id,
        data_last_seq=last_seq(),
        data_member_count=member_count(),
    )
