"""How many sockets one address may open in a while."""

from __future__ import annotations

from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket

from tripchat.api.origin import address_of
from tripchat.api.problem import problem
from tripchat.errors import TooMany
from tripchat.services import acts, limiting


class LimitedConnections:
    """ASGI middleware that refuses a WebSocket before anything is done for it.

    A page that is refused comes back later, as from any server that is not there.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a connection; what is no WebSocket passes."""
        if scope["type"] == "websocket":
            try:
                address = address_of(HTTPConnection(scope))
                await limiting.check(acts.CONNECT.limit, address=address)
            except TooMany as refused:
                await WebSocket(scope, receive, send).send_denial_response(problem(refused))
                return
        await self._app(scope, receive, send)
