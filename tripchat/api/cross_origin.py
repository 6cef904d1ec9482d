"""Pages of other origins: those that the settings name may call, and nobody else is told anything.

Their cookie comes along where the browser sends it, which is where both are of one site: it is
SameSite=Lax. What such a page may do then is what its visitor may do.
"""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tripchat.api.origin import is_named

_PREFIX = b"access-control-"

_MAY = {
    "Access-Control-Allow-Methods": "GET, HEAD, POST, PUT, PATCH, DELETE",
    "Access-Control-Allow-Headers": "Content-Type, Range, X-Request-Id",
    "Access-Control-Max-Age": "600",
}
"""The answer to a browser that asks before it sends something."""

_READS = "Content-Range, Retry-After, X-Request-Id"
"""Headers of an answer that the page may read, beside the plain ones."""


class CrossOrigin:
    """ASGI middleware around all that is served, and the one place that says who may call.

    Reflex and Socket.IO have such headers of their own, also for those who may not: none passes.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a call; what is no HTTP passes."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        connection = HTTPConnection(scope)
        permission: dict[str, str] = {}
        if is_named(connection):
            permission = {
                "Access-Control-Allow-Origin": connection.headers["origin"],
                "Access-Control-Allow-Credentials": "true",
                "Access-Control-Expose-Headers": _READS,
            }
        if scope["method"] == "OPTIONS" and "access-control-request-method" in connection.headers:
            asked = Response(status_code=204, headers={**permission, **_MAY, "Vary": "Origin"})
            await (asked if permission else Response(status_code=403))(scope, receive, send)
            return

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [
                    each for each in message.get("headers", ()) if not _is_permission(each[0])
                ]
                if permission:
                    headers = MutableHeaders(scope=message)
                    headers.update(permission)
                    headers.add_vary_header("Origin")
            await send(message)

        await self._app(scope, receive, answer)


def _is_permission(name: bytes) -> bool:
    return name.lower().startswith(_PREFIX)
