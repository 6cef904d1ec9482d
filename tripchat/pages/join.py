"""`/join/[code]`: an invite."""

import reflex as rx

from tripchat.browser.connection import app_frame, connection_banner
from tripchat.browser.once import once
from tripchat.components.notice import notice_page, way_back
from tripchat.components.sign_forms import sign_forms
from tripchat.components.skeleton import page_skeleton
from tripchat.components.toast import toast
from tripchat.state.invite import InviteState
from tripchat.state.session import SessionState


def _refused() -> rx.Component:
    return notice_page(
        way_back("To the start page"),
        title="This invite does not work",
        text=InviteState.problem,
        icon="ticket-x",
    )


def _offer() -> rx.Component:
    """What the invite offers: one step for those signed in, after signing in or up for others."""
    return notice_page(
        rx.cond(
            SessionState.user_id != "",
            rx.el.div(
                rx.el.button(
                    "Join the trip",
                    type="button",
                    class_name="button button-primary",
                    on_click=InviteState.accept,
                    data_testid="join-accept",
                ),
                rx.el.p("You join as ", rx.el.b(SessionState.name), class_name="quiet"),
                class_name="join-step",
            ),
            sign_forms(then_post="/api/invites/{code}/accept", go_to="/trip/{trip_id}"),
        ),
        title=InviteState.trip_title,
        text=rx.fragment(rx.el.b(InviteState.inviter_name), " invites you to this trip’s channel."),
        icon="ticket",
    )


def join_page() -> rx.Component:
    """An invite and what it offers, or why it does not work."""
    return app_frame(
        connection_banner(),
        once(
            (InviteState.trip_title != "") | (InviteState.problem != ""),
            rx.cond(InviteState.problem != "", _refused(), _offer()),
            waiting=page_skeleton(),
        ),
        toast(),
    )
