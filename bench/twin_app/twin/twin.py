"""The same chat in the way Reflex offers: one `rx.SharedState`, the last messages in one list var.

Everything below the live side is TripChat's own: the HTTP calls, the sessions, who is in a trip,
sealing and storing. As in TripChat, a tab belongs to the person whose cookie it came with, and a
message is on disk before anybody sees it. What differs is how it gets to the tabs from there.
"""

import contextlib
from collections.abc import AsyncIterator

import reflex as rx
from starlette.applications import Starlette
from starlette.requests import cookie_parser
from starlette.types import ASGIApp

from tripchat import storage
from tripchat.api.routes import routes
from tripchat.errors import NotSignedIn
from tripchat.services import group_commit, messages, receipts, sessions, trips
from tripchat.settings import get_settings
from tripchat.views import MessageView

SHOWN = 50  # messages kept in the list var


class Me(rx.State):
    """Who this tab belongs to, so that it is not looked up for each message."""

    _user_id: str = ""


class Chat(rx.SharedState):
    """A trip's channel; every tab that has the trip open is linked to it."""

    messages: rx.Field[list[MessageView]] = rx.field(default_factory=list)

    @rx.event
    async def join(self) -> None:
        """Links this tab to its trip's channel; runs when the page loads.

        Raises:
            Refused: nobody is signed in, there is no such trip, or it is somebody else's.
        """
        trip_id = self.rx_router_page.params["trip_id"]
        token = cookie_parser(self.router.headers.cookie).get(sessions.COOKIE)
        identity = await sessions.identify(token)
        if identity is None:
            raise NotSignedIn("Sign in first.")
        await trips.get(identity.user_id, trip_id)
        me = await self.get_state(Me)
        me._user_id = identity.user_id
        chat = await self._link_to(link_of(trip_id))
        if not chat.messages:
            _, chat.messages = await messages.window(trip_id, SHOWN)

    @rx.event
    async def send(self, trip_id: str, client_id: str, text: str) -> None:
        """Stores a message and appends it; Reflex pushes the list to every linked tab.

        Raises:
            Refused: as `tripchat.services.messages.send` says.
        """
        me = await self.get_state(Me)
        sent = await messages.send(me._user_id, trip_id, client_id, body={"text": text})
        if not sent.repeated and self._linked_to == link_of(trip_id):
            self.messages.append(sent.message)
            del self.messages[:-SHOWN]


def link_of(trip_id: str) -> str:
    """What a trip's tabs are linked by: its id without underscores, which links must not have."""
    return trip_id.replace("_", ".")


def line(message: rx.vars.ObjectVar[MessageView]) -> rx.Component:
    """One message of the list."""
    return rx.el.p(message["author_id"], ": ", message["body"].to(dict)["text"])


@rx.page(route="/trip/[trip_id]", on_load=Chat.join)
def trip() -> rx.Component:
    """The channel; only its state is used by the bench."""
    return rx.el.main(rx.foreach(Chat.messages, line))


def add_calls(backend: ASGIApp) -> ASGIApp:
    """Serve TripChat's HTTP calls."""
    assert isinstance(backend, Starlette)
    backend.routes[:0] = routes
    return backend


@contextlib.asynccontextmanager
async def resources() -> AsyncIterator[None]:
    """Open what the server needs; close it in the opposite order."""
    await storage.open_storage(get_settings())
    try:
        yield
    finally:
        await group_commit.drain()
        await receipts.drain()
        await storage.close_storage()


app = rx.App(api_transformer=add_calls)
app.register_lifespan_task(resources)
