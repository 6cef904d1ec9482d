"""Inviting by link."""

from typing import cast

import reflex as rx

from tripchat.browser.copy_button import copy_button
from tripchat.browser.dates import full_time
from tripchat.components.popover import dialog, opens
from tripchat.state.invites import InvitesState, LinkVars

_DIALOG = "invite-dialog"

_DURATIONS = {"": "for good", "24": "a day", "168": "a week", "720": "30 days"}  # by hours
_CROWDS = {"": "anybody", "1": "1 person", "5": "5 people", "20": "20 people"}  # by uses


def invite_button() -> rx.Component:
    """Shows the links; needs an `invite_dialog` on the page."""
    return rx.el.button(
        rx.icon("user-plus", aria_hidden="true"),
        rx.el.span("Invite", class_name="button-label"),
        type="button",
        class_name="button button-quiet invite-button",
        on_click=InvitesState.show,
        data_testid="invite",
        custom_attrs=opens(_DIALOG),
    )


def _terms(link: LinkVars) -> rx.Component:
    """Until when and how often a link may be used, and taking it back."""
    return rx.el.div(
        rx.el.span(
            rx.cond(
                link.expires_iso != "",
                rx.fragment("until ", full_time(rx.Var.create(link.expires_iso).to(str)), " · "),
            ),
            link.uses_label,
        ),
        rx.el.button(
            "Revoke",
            type="button",
            class_name="link-button",
            on_click=InvitesState.revoke(link.code),
            data_testid="invite-revoke",
        ),
        class_name="invite-terms",
    )


def _newest(link: LinkVars) -> rx.Component:
    return rx.el.div(
        rx.el.p(link.url, class_name="invite-link", data_testid="invite-link"),
        copy_button("Copy link", text=link.url, done="Copied", class_name="button button-primary"),
        _terms(link),
        class_name="invite-row",
    )


def _other(link: LinkVars) -> rx.Component:
    return rx.el.li(
        rx.el.p(link.url, class_name="invite-link"),
        _terms(link),
        class_name="invite-other",
        data_testid="invite-other",
        key=link.code,
    )


def _choice(label: str, name: str, options: dict[str, str]) -> rx.Component:
    return rx.el.label(
        rx.el.span(label, class_name="field-label"),
        rx.el.select(
            *(rx.el.option(text, value=value) for value, text in options.items()),
            name=name,
            class_name="input",
        ),
        class_name="field",
    )


def _new_link() -> rx.Component:
    """A form for a link that ends by itself."""
    return rx.el.form(
        _choice("Lasts", "hours", _DURATIONS),
        _choice("Lets in", "uses", _CROWDS),
        rx.el.button(
            "New link", type="submit", class_name="button button-quiet", data_testid="invite-new"
        ),
        on_submit=InvitesState.make,
        class_name="invite-form",
    )


def invite_dialog() -> rx.Component:
    """The newest link, ready to copy; others that still work, to take back; and making one."""
    links = rx.Var.create(InvitesState.links).to(list[LinkVars])
    return dialog(
        rx.el.p("Whoever opens this link can join the trip and read along.", class_name="quiet"),
        rx.cond(
            links.length() > 0,
            _newest(cast(LinkVars, links[0])),
            rx.el.div(
                rx.el.p("Making a link…", class_name="invite-link"),
                class_name="invite-row",
                aria_busy="true",
            ),
        ),
        rx.cond(
            links.length() > 1,
            rx.el.section(
                rx.el.h3("Other links that work", class_name="invite-heading"),
                rx.el.ul(rx.foreach(links[1:], _other), class_name="invite-others"),
            ),
        ),
        _new_link(),
        popover_id=_DIALOG,
        title="Invite people",
    )
