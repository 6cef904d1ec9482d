"""What browsers are told with every answer, so that other sites can do little with ours."""

from __future__ import annotations

from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tripchat.api.origin import is_https, is_trustworthy
from tripchat.settings import get_settings

_POLICY = b"content-security-policy"

_UNLESS_GIVEN = {
    # What is no page needs nothing, should a browser ever show it as one.
    _POLICY: b"default-src 'none'; frame-ancestors 'none'",
    b"x-content-type-options": b"nosniff",
    # Addresses carry invites.
    b"referrer-policy": b"same-origin",
    b"permissions-policy": b"camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    b"cross-origin-resource-policy": b"same-origin",
    b"x-frame-options": b"DENY",
}

_OPENER = (b"cross-origin-opener-policy", b"same-origin")
"""Only where browsers heed it: elsewhere they complain of it in the console."""


class SafeHeaders:
    """ASGI middleware around all that is served; what an answer says itself stands."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._https_only: tuple[bytes, bytes] | None = None
        if seconds := get_settings().hsts_seconds:
            value = f"max-age={seconds}".encode()
            self._https_only = (b"strict-transport-security", value)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a call; what is no HTTP passes."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._add_to(message, HTTPConnection(scope))
            await send(message)

        await self._app(scope, receive, answer)

    def _add_to(self, start: Message, connection: HTTPConnection) -> None:
        headers = list(start.get("headers", ()))
        given = {name.lower() for name, _ in headers}
        headers += [each for each in _UNLESS_GIVEN.items() if each[0] not in given]
        if is_trustworthy(connection):
            headers.append(_OPENER)
        if self._https_only is not None and is_https(connection):
            headers.append(self._https_only)
        start["headers"] = headers
