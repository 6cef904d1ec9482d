"""The message kind `place`: a name and a point on the map."""

from typing import Any

import reflex as rx

from tripchat.browser.live.outbox import send
from tripchat.errors import Invalid
from tripchat.kinds import MessageKind, register

URL = "https://www.openstreetmap.org/?mlat={lat}&mlon={lon}#map=16/{lat}/{lon}"


def validate(body: dict[str, Any]) -> dict[str, Any]:
    name, lat, lon = body.get("name"), body.get("lat"), body.get("lon")
    if not isinstance(name, str) or not 0 < len(name.strip()) <= 80:
        raise Invalid("A place needs a name of at most 80 characters.", field="name")
    for field, value, most in (("lat", lat, 90), ("lon", lon, 180)):
        if not isinstance(value, int | float) or not -most <= value <= most:
            raise Invalid(f"{field} must be a number from -{most} to {most}.", field=field)
    return {"name": name.strip(), "lat": lat, "lon": lon}


def view(body: dict[str, Any]) -> dict[str, Any]:
    return {"name": body["name"], "url": URL.format(**body)}


def component(message: Any) -> rx.Component:
    place = message["body"].to(dict[str, str])
    link = rx.el.a(place["name"], href=place["url"], target="_blank", rel="noopener")
    answer = rx.el.button(
        "On my way",
        type="button",
        class_name="link-button",
        on_click=send("text", {"text": "On my way to " + place["name"]}),
    )
    return rx.el.div("📍 ", link, " ", answer, class_name="message-text")


register(MessageKind("place", validate, view, lambda seen: f"📍 {seen['name']}", component))
