"""One module for each route: what it shows, from the parts in `components`."""

import reflex as rx

from tripchat.pages.account import account_page
from tripchat.pages.home import home_page
from tripchat.pages.join import join_page
from tripchat.pages.not_found import not_found_page
from tripchat.pages.reset import ask_page, reset_page
from tripchat.pages.trip import trip_page
from tripchat.state.account import AccountState
from tripchat.state.invite import InviteState
from tripchat.state.reset import ResetState
from tripchat.state.room import RoomState
from tripchat.state.trips import TripsState


def add_to(app: rx.App) -> None:
    """Add TripChat's pages to the app, with what each reads when it is opened."""
    app.add_page(home_page, route="/", title="TripChat", on_load=TripsState.load)
    app.add_page(
        trip_page,
        route="/trip/[trip_id]",
        title="TripChat",
        on_load=[RoomState.enter, TripsState.load],
    )
    app.add_page(
        join_page,
        route="/join/[code]",
        title="Join a trip · TripChat",
        on_load=InviteState.look,
    )
    app.add_page(
        account_page,
        route="/account",
        title="Account · TripChat",
        on_load=[TripsState.load, AccountState.load],
    )
    app.add_page(ask_page, route="/reset", title="Forgot your password? · TripChat")
    app.add_page(
        reset_page,
        route="/reset/[token]",
        title="New password · TripChat",
        on_load=ResetState.look,
    )
    app.add_page(not_found_page, route="404", title="Not found · TripChat")
