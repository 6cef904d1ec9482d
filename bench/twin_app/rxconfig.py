"""The twin's Reflex settings: Reflex's defaults, plus the websocket transport they imply."""

import reflex as rx

config = rx.Config(
    app_name="twin",
    telemetry_enabled=False,
    plugins=[],
    disable_plugins=[rx.plugins.SitemapPlugin],
)
