"""The trips a person is in: as tickets on the start page, as lines beside a channel."""

from typing import Any

import reflex as rx
from reflex_components_core.react_router import link

from tripchat.browser.live.trip_cards import TripCardRow, trip_cards
from tripchat.components.hue import first_letter, hue, trip_hue
from tripchat.components.popover import hide


def _unread_badge(card: TripCardRow) -> Any:
    return rx.cond(
        card.unread > 0,
        rx.el.span(
            rx.cond(card.mentions > 0, rx.el.span("@", class_name="mention-badge")),
            rx.cond(card.unread > 99, "99+", card.unread),
            rx.el.span(
                " unread",
                rx.cond(card.mentions > 0, ", you are mentioned", ""),
                class_name="visually-hidden",
            ),
            class_name="unread-badge",
        ),
    )


def _last_line(card: TripCardRow) -> Any:
    return rx.cond(
        card.last_line,
        rx.el.span(
            rx.cond(card.last_author, rx.el.b(card.last_author, ": ")),
            card.last_line,
            class_name="trip-last-line",
        ),
        rx.el.span(
            rx.cond(card.last_deleted, "Message deleted", "No messages yet"),
            class_name="trip-last-line trip-last-line-none",
        ),
    )


def trip_ticket(card: TripCardRow) -> rx.Component:
    """A trip as a ticket: where and when above, what was said last on the stub."""
    return rx.el.li(
        link(
            rx.el.span(
                rx.el.span(card.title, class_name="trip-title"),
                rx.el.span(
                    rx.cond(
                        card.destination,
                        rx.el.span(rx.icon("map-pin", aria_hidden="true"), card.destination),
                    ),
                    rx.cond(
                        card.dates_label,
                        rx.el.span(rx.icon("calendar", aria_hidden="true"), card.dates_label),
                    ),
                    rx.el.span(
                        rx.icon("users", aria_hidden="true"),
                        card.member_count,
                        rx.el.span(" members", class_name="visually-hidden"),
                    ),
                    class_name="trip-facts",
                ),
                class_name="ticket-part trip-ticket-main",
            ),
            rx.el.span(
                _last_line(card),
                rx.el.span(card.last_at_label, class_name="trip-last-at"),
                _unread_badge(card),
                class_name="ticket-part ticket-stub trip-ticket-stub",
            ),
            to="/trip/" + card.trip_id,
            class_name="ticket trip-ticket",
            custom_attrs=hue(trip_hue(card.trip_id)),
            data_testid="trip-card",
            data_trip_id=card.trip_id,
            data_unread=card.unread,
            data_mentions=card.mentions,
        ),
        key=card.trip_id,
    )


def trip_line(card: TripCardRow, drawer_id: str) -> rx.Component:
    """A trip as one line of the list beside a channel."""
    return rx.el.li(
        link(
            rx.el.span(first_letter(card.title), class_name="trip-emblem", aria_hidden="true"),
            rx.el.span(
                rx.el.span(card.title, class_name="trip-title"),
                rx.el.span(card.last_at_label, class_name="trip-last-at"),
                class_name="trip-line-row",
            ),
            rx.el.span(_last_line(card), _unread_badge(card), class_name="trip-line-row"),
            to="/trip/" + card.trip_id,
            class_name="trip-line",
            custom_attrs=hue(trip_hue(card.trip_id)),
            aria_current=rx.cond(card.current, "page", "false"),
            on_click=hide(drawer_id),
            data_testid="trip-card",
            data_trip_id=card.trip_id,
            data_unread=card.unread,
            data_mentions=card.mentions,
        ),
        key=card.trip_id,
    )


def trip_tickets() -> rx.Component:
    """All my trips as tickets."""
    return rx.el.ul(rx.foreach(trip_cards(), trip_ticket), class_name="trip-tickets")


def trip_lines(drawer_id: str) -> rx.Component:
    """All my trips as lines; following one closes the drawer they stand in."""
    return rx.el.ul(
        rx.foreach(trip_cards(), lambda card: trip_line(card, drawer_id)), class_name="trip-lines"
    )
