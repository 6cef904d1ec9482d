"""Every HTTP call: it gets an id, is counted, and in JSON logs has a line of its own."""

from __future__ import annotations

import logging
import time

from reflex_base import otel
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tripchat.observability import context, metrics, traces
from tripchat.settings import get_settings

REQUEST_ID = "X-Request-Id"

METHODS = {"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"}

MOUNT = "/{path}"
PAGE = "page"
"""What stands for the route of everything that belongs to the page, which is mounted at `/`."""

WATCHED = ("/api/health", "/metrics")
"""What is asked so often, by programs that watch, that a line for each would hide the others."""

log = logging.getLogger(__name__)


class ObservedCalls:
    """ASGI middleware around everything that is served."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._level = logging.INFO if get_settings().log == "json" else logging.DEBUG

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a call; what is no HTTP passes."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()
        request_id = context.begin(context.sane(Headers(scope=scope).get(REQUEST_ID)), began)
        status = 0

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[REQUEST_ID] = request_id
                self._note(scope, status, time.perf_counter() - began)
            await send(message)

        try:
            await self._app(scope, receive, answer)
        finally:
            if not status:  # whoever asked has gone, or uvicorn answers for us
                self._note(scope, 499, time.perf_counter() - began)

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        route = route_of(scope)
        method = scope["method"] if scope["method"] in METHODS else "other"
        metrics.http_requests.labels(method, route, status).inc()
        metrics.http_duration.labels(method, route).observe(seconds)
        if otel.enabled:
            traces.name_call(method, route)
        level = logging.DEBUG if route.startswith(WATCHED) else self._level
        log.log(
            level,
            "%s %s %d",
            method,
            route,
            status,
            extra={
                "method": method,
                "route": route,
                "status": status,
                "ms": round(seconds * 1000, 1),
            },
        )


def route_of(scope: Scope) -> str:
    """The template of the address that was asked for, which names no trip and no person."""
    template = getattr(scope.get("route"), "path_format", "")
    return PAGE if template in ("", MOUNT) else template
