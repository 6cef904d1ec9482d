"""`/trip/[trip_id]`: the trip's channel."""

import reflex as rx

from tripchat.browser.attachments import photo_viewer
from tripchat.browser.composer import composer_form
from tripchat.browser.connection import app_frame, connection_banner
from tripchat.browser.emoji import emoji_picker
from tripchat.browser.live import open_trip, problem
from tripchat.components.attach_button import attach_button
from tripchat.components.audit import audit_dialog
from tripchat.components.details import details_dialog
from tripchat.components.edit_trip import edit_trip_dialog
from tripchat.components.emoji_button import emoji_button
from tripchat.components.erase_trip import erase_trip_dialog
from tripchat.components.invite import invite_dialog
from tripchat.components.leave import leave_dialog
from tripchat.components.members import members_panel
from tripchat.components.new_trip import new_trip_dialog
from tripchat.components.notice import notice_page, way_back
from tripchat.components.remove import remove_dialog
from tripchat.components.rename import rename_dialog
from tripchat.components.room import ROOM_ID, room
from tripchat.components.sidebar import sidebar
from tripchat.components.sign_forms import sign_forms, sign_out_dialog
from tripchat.components.skeleton import room_skeleton
from tripchat.components.toast import toast
from tripchat.components.unsent import storing_banner, unsent_messages
from tripchat.components.versions import versions_dialog


def _problem() -> rx.Component | rx.Var:
    """Why the trip is not shown, and what can be done about it."""
    return rx.match(
        problem(),
        (
            "signed-out",
            notice_page(
                sign_forms(go_to="reload"),
                title="Sign in to open this trip",
                text="Its channel is for the people who travel along.",
                icon="key-round",
            ),
        ),
        (
            "not-a-member",
            notice_page(
                unsent_messages(),
                way_back(),
                title="You are not in this trip",
                text="Ask somebody who is for an invite link; it brings you right here.",
                icon="ticket-x",
            ),
        ),
        (
            "unavailable",
            notice_page(
                unsent_messages(),
                way_back(),
                title="This trip cannot be opened at the moment",
                text="Nothing is lost. The trip opens by itself as soon as TripChat can reach it.",
                icon="cloud-off",
                class_name="page-unavailable",
            ),
        ),
        notice_page(
            unsent_messages(),
            way_back(),
            title="There is no such trip",
            text="The address may be incomplete. Your own trips are all on the start page.",
            icon="map-pin-off",
        ),
    )


def _channel() -> rx.Component:
    return rx.el.div(
        rx.el.a("Skip to the conversation", href=f"#{ROOM_ID}", class_name="skip-link"),
        sidebar(),
        room(composer_form(emoji_button(), attach_button())),
        members_panel(),
        new_trip_dialog(),
        invite_dialog(),
        edit_trip_dialog(),
        rename_dialog(),
        audit_dialog(),
        leave_dialog(),
        erase_trip_dialog(),
        remove_dialog(),
        versions_dialog(),
        details_dialog(),
        sign_out_dialog(),
        emoji_picker(),
        photo_viewer(),
        class_name="trip-layout",
    )


def trip_page() -> rx.Component:
    """The open trip, the reason why it is not open, or the shape of one until it is known."""
    return app_frame(
        connection_banner(),
        storing_banner(),
        rx.cond(
            problem() != "",
            _problem(),
            rx.cond(open_trip().trip_id != "", _channel(), room_skeleton()),
        ),
        toast(),
    )
