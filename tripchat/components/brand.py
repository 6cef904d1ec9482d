"""TripChat's mark: a speech bubble with a route through it."""

import reflex as rx
from reflex_components_core.react_router import link


def mark() -> rx.Component:
    """The sign alone, decorative: it always stands beside the name."""
    return rx.el.svg(
        rx.el.path(
            d="M6 3h20a4 4 0 0 1 4 4v13a4 4 0 0 1-4 4H15l-7 6v-6H6a4 4 0 0 1-4-4V7a4 4 0 0 1 4-4Z",
            class_name="brand-bubble",
        ),
        rx.el.path(d="M9 17.5c3-6.5 5.5 1 8-3s3-5 6-5", class_name="brand-route"),
        rx.el.circle(cx="9", cy="17.5", r="2", class_name="brand-stop"),
        rx.el.circle(cx="23.5", cy="9.5", r="2.6", class_name="brand-goal"),
        class_name="brand-mark",
        custom_attrs={"viewBox": "0 0 32 32"},
        aria_hidden="true",
    )


def brand() -> rx.Component:
    """Mark and name, a link to the start page."""
    return link(
        mark(),
        rx.el.span("TripChat", class_name="brand-name"),
        to="/",
        class_name="brand",
    )
