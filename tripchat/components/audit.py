"""What the organisers of the open trip did."""

import reflex as rx

from tripchat.browser.dates import brief_time, full_time
from tripchat.components.popover import dialog
from tripchat.state.audit import AuditState, DeedVars

AUDIT_DIALOG = "audit-dialog"


def _deed(deed: DeedVars) -> rx.Component:
    return rx.el.li(
        rx.el.span(rx.el.b(deed.actor), " ", deed.what),
        rx.el.time(
            brief_time(deed.iso),
            title=full_time(deed.iso),
            class_name="quiet",
            custom_attrs={"dateTime": deed.iso},
        ),
        key=deed.entry_id,
        class_name="deed",
        data_testid="audit-entry",
        data_deed=deed.deed,
    )


def audit_dialog() -> rx.Component:
    """The newest first, and older ones when they are asked for: for organisers."""
    return dialog(
        rx.cond(
            AuditState.deeds,
            rx.el.ol(rx.foreach(AuditState.deeds, _deed), class_name="deeds", tab_index=0),
            rx.cond(
                AuditState.is_complete,
                rx.el.p("Nothing so far.", class_name="quiet", data_testid="audit-empty"),
            ),
        ),
        rx.cond(
            AuditState.is_complete,
            None,
            rx.el.button(
                "Show earlier",
                type="button",
                class_name="button button-quiet",
                on_click=AuditState.show_earlier,
                data_testid="audit-earlier",
            ),
        ),
        popover_id=AUDIT_DIALOG,
        title="What organisers did",
        class_name="audit-dialog",
    )
