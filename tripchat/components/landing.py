"""What a visitor sees first: what TripChat is, and the way in."""

import reflex as rx

from tripchat.components.avatar import avatar
from tripchat.components.brand import brand
from tripchat.components.hue import hue
from tripchat.components.sign_forms import sign_forms

_PROMISES = [
    (
        "messages-square",
        "A channel for every trip",
        "The ski week and Lisbon in May stay apart, each with its own people.",
    ),
    (
        "zap",
        "Live, even on station Wi-Fi",
        "Words arrive as they are sent. Lose the signal in a tunnel and nothing you wrote is lost.",
    ),
    (
        "key-round",
        "Only your people",
        "Joining takes an invite you can withdraw. Messages are stored encrypted.",
    ),
]


def _promise(icon: str, title: str, text: str) -> rx.Component:
    return rx.el.li(
        rx.el.span(rx.icon(icon, aria_hidden="true"), class_name="promise-icon"),
        rx.el.div(rx.el.h2(title), rx.el.p(text)),
        class_name="promise",
    )


def _line(initials: str, degrees: int, name: str, text: str, mine: bool = False) -> rx.Component:
    return rx.el.div(
        rx.el.div(avatar(initials, degrees), class_name="message-face"),
        rx.el.div(
            rx.el.span(name, class_name="message-author", custom_attrs=hue(degrees)),
            rx.el.div(rx.el.div(text, class_name="message-text"), class_name="message-bubble"),
            class_name="message-column",
        ),
        class_name="message",
        data_mine="true" if mine else "false",
        data_starts_group="true",
    )


def _landscape() -> rx.Component:
    """Hills at sunset with a route across them."""
    return rx.el.svg(
        rx.el.circle(cx="508", cy="92", r="46", class_name="land-sun"),
        rx.el.path(
            d="M0 176c70-38 128-44 206-12s146 26 214-14 150-42 220 2v168H0Z", class_name="land-far"
        ),
        rx.el.path(
            d="M0 236c88-46 176-34 262-8s178 22 250-16 96-22 128-8v116H0Z", class_name="land-mid"
        ),
        rx.el.path(d="M0 286c110-44 210-30 318-12s232 2 322-34v80H0Z", class_name="land-near"),
        rx.el.path(
            d="M34 300c60-64 150-18 214-58s70-70 150-62 92 20 152-34", class_name="land-route"
        ),
        rx.el.circle(cx="34", cy="300", r="7", class_name="land-stop"),
        rx.el.circle(cx="398", cy="180", r="6", class_name="land-stop"),
        rx.el.path(
            d="M550 148c-13-16-20-25-20-36a20 20 0 1 1 40 0c0 11-7 20-20 36Z", class_name="land-pin"
        ),
        rx.el.circle(cx="550", cy="111", r="7", class_name="land-pin-eye"),
        class_name="landscape",
        custom_attrs={"viewBox": "0 0 640 320", "preserveAspectRatio": "xMaxYMax slice"},
    )


def _picture() -> rx.Component:
    """A conversation as it could be; a picture, not text to be read out."""
    return rx.el.div(
        _landscape(),
        rx.el.div(
            _line("MK", 28, "Mira", "Night train leaves 22:14, platform 7. I have the tickets."),
            _line("JO", 265, "Jonas", "Already at the station bakery. Who wants pastéis?"),
            _line("ME", 150, "You", "Two, please. Running!", mine=True),
            class_name="picture-lines",
        ),
        class_name="picture",
        aria_hidden="true",
    )


def landing() -> rx.Component:
    """The start page for those who are not signed in."""
    return rx.el.div(
        rx.el.header(
            brand(),
            rx.el.a("Sign in", href="#sign-in", class_name="button button-plain to-sign-in"),
            class_name="top-bar",
        ),
        rx.el.main(
            rx.el.div(
                rx.el.h1("The whole trip in one conversation."),
                rx.el.p(
                    "TripChat gives everyone you travel with one live channel: who booked what, "
                    "which platform, where’s dinner. Send a link, and your friends are in.",
                    class_name="lead",
                ),
                _picture(),
                rx.el.ul(
                    *(_promise(*promise) for promise in _PROMISES),
                    class_name="promises",
                ),
                class_name="landing-story",
            ),
            sign_forms(go_to="/"),
            class_name="landing-main",
        ),
        class_name="page landing",
    )
