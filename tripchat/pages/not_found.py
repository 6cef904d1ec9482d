"""Any address that is none of TripChat's."""

import reflex as rx

from tripchat.browser.connection import app_frame, connection_banner
from tripchat.components.notice import notice_page, way_back


def not_found_page() -> rx.Component:
    """Nothing here, and the way back."""
    return app_frame(
        connection_banner(),
        notice_page(
            way_back("To the start page"),
            title="Off the map",
            text="There is no page at this address.",
            icon="map-pin-off",
        ),
    )
