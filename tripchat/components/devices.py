"""Where I am signed in, and signing out there."""

from __future__ import annotations

import reflex as rx

from tripchat.browser.dates import brief_time, full_time
from tripchat.components.section import section
from tripchat.state.account import AccountState, DeviceVars


def _moment(label: str, iso: rx.Var[str] | str) -> rx.Component:
    return rx.el.span(
        label,
        rx.el.time(brief_time(iso), title=full_time(iso), custom_attrs={"dateTime": iso}),
    )


def _device(device: DeviceVars) -> rx.Component:
    return rx.el.li(
        rx.el.div(
            rx.el.span(
                rx.el.span(device.device, class_name="device-name"),
                rx.cond(device.current, rx.el.span("This device", class_name="device-current")),
            ),
            rx.el.span(
                _moment("Signed in ", device.signed_in_iso),
                rx.cond(device.current, None, _moment("Last seen ", device.last_seen_iso)),
                class_name="device-moments",
            ),
        ),
        rx.cond(
            device.current,
            None,
            rx.el.button(
                "Sign out there",
                type="button",
                aria_label="Sign out there: " + device.device,
                class_name="button button-quiet button-small",
                on_click=AccountState.sign_out_there(device.session_id),
                data_testid="device-sign-out",
            ),
        ),
        key=device.session_id,
        class_name="device",
        data_testid="device",
        data_session_id=device.session_id,
        data_current=rx.cond(device.current, "true", "false"),
    )


def devices_section() -> rx.Component:
    """My devices, this one first; everywhere else in one step where there is more than one."""
    return section(
        rx.el.ul(rx.foreach(AccountState.devices, _device), class_name="devices"),
        rx.cond(
            rx.Var.create(AccountState.devices).to(list).length() > 1,
            rx.el.button(
                rx.icon("log-out", aria_hidden="true"),
                "Sign out everywhere else",
                type="button",
                class_name="button button-quiet",
                on_click=AccountState.sign_out_elsewhere,
                data_testid="sign-out-elsewhere",
            ),
        ),
        title="My devices",
        text="Where you are signed in. If you do not know one, sign out there and change your "
        "password.",
    )
