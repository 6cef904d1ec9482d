"""Who travels along: faces in the header, the list in a panel beside the channel."""

import reflex as rx

from tripchat.browser.live import MemberVars, i_organise, members
from tripchat.components.avatar import avatar
from tripchat.components.popover import close_button, opens
from tripchat.components.remove import REMOVE_DIALOG
from tripchat.state.room import RoomState
from tripchat.state.session import SessionState

_DRAWER = "members-drawer"
_FACES = 4


def member_count() -> rx.vars.NumberVar[int]:
    """How many are in the trip now."""
    return members().length()


def member_faces() -> rx.Component:
    """The first faces and the count; opens the list."""
    return rx.el.button(
        rx.el.span(
            rx.foreach(
                members()[:_FACES],
                lambda member: avatar(member.initials, member.hue, "s"),
            ),
            class_name="faces",
        ),
        rx.icon("users", class_name="members-icon", aria_hidden="true"),
        rx.el.span(member_count()),
        rx.el.span(" members, show the list", class_name="visually-hidden"),
        type="button",
        class_name="button button-plain members-button",
        custom_attrs=opens(_DRAWER),
    )


def _member(member: MemberVars) -> rx.Component:
    return rx.el.li(
        rx.el.span(
            avatar(member.initials, member.hue),
            rx.cond(member.online, rx.el.span(class_name="online-dot", aria_hidden="true")),
            class_name="member-face",
        ),
        rx.el.span(member.name, class_name="member-name"),
        rx.cond(member.online, rx.el.span("online", class_name="visually-hidden")),
        rx.cond(member.role == "organiser", rx.el.span("Organiser", class_name="member-role")),
        rx.cond(
            i_organise() & (member.user_id != SessionState.user_id),
            rx.el.button(
                rx.icon("user-minus", aria_hidden="true"),
                rx.el.span("Remove " + member.name, class_name="visually-hidden"),
                type="button",
                title="Remove from the trip",
                class_name="icon-button member-remove",
                on_click=RoomState.ask_remove(member.user_id, member.name),
                custom_attrs=opens(REMOVE_DIALOG),
                data_testid="member-remove",
            ),
        ),
        key=member.user_id,
        class_name="member",
        data_testid="member",
        data_user_id=member.user_id,
        data_role=member.role,
        data_online=rx.cond(member.online, "true", "false"),
        data_read_seq=member.read_seq,
    )


def members_panel() -> rx.Component:
    """The list of members, with a dot on those who have the trip open."""
    return rx.el.aside(
        rx.el.div(
            rx.el.h2("Members ", rx.el.span(member_count(), class_name="quiet-count")),
            close_button(_DRAWER, "Close the members"),
            class_name="panel-head",
        ),
        rx.el.ul(
            rx.foreach(members(), _member),
            class_name="members",
        ),
        id=_DRAWER,
        class_name="members-panel drawer drawer-end",
        aria_label="Members",
        custom_attrs={"popover": "auto"},
    )
