"""What stands in a page's place until its state has arrived."""

import reflex as rx

from tripchat.components.brand import brand


def _bone(class_name: str) -> rx.Component:
    return rx.el.div(class_name=f"bone {class_name}")


def page_skeleton() -> rx.Component:
    """The shape of the start page."""
    return rx.el.div(
        rx.el.header(brand(), class_name="top-bar"),
        rx.el.main(
            rx.el.p("Loading…", class_name="visually-hidden", role="status"),
            _bone("bone-title"),
            rx.el.div(_bone("bone-card"), _bone("bone-card"), class_name="trip-tickets"),
            class_name="home-main",
            aria_busy="true",
        ),
        class_name="page",
    )


def room_skeleton() -> rx.Component:
    """The shape of a channel."""
    lines = [
        rx.el.div(
            _bone("bone-face"),
            _bone(f"bone-bubble bone-bubble-{size}"),
            class_name=f"bone-message{' bone-message-mine' if mine else ''}",
        )
        for size, mine in [("m", False), ("l", False), ("s", True), ("m", False), ("l", True)]
    ]
    return rx.el.div(
        rx.el.div(
            rx.el.div(brand(), class_name="sidebar-head"), class_name="sidebar sidebar-waiting"
        ),
        rx.el.main(
            rx.el.p("Opening the trip…", class_name="visually-hidden", role="status"),
            rx.el.div(_bone("bone-title"), class_name="room-head"),
            rx.el.div(*lines, class_name="bone-messages"),
            class_name="room",
            aria_busy="true",
        ),
        rx.el.div(class_name="members-panel members-waiting"),
        class_name="trip-layout",
    )
