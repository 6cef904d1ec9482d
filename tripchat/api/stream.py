"""The page's connection over plain HTTP: a stream of events down, posts up; see `realtime.link`."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlencode

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Scope

from tripchat.api import body, session_cookie
from tripchat.api.endpoint import done
from tripchat.api.event_stream import EventStream
from tripchat.api.forwarding import forward
from tripchat.api.origin import base_url, is_https
from tripchat.errors import Malformed, NotAMember
from tripchat.realtime.frames import MAX_FRAME_BYTES
from tripchat.realtime.link import CLOSE, Link, links, unknown_link, worker_of
from tripchat.realtime.page_server import is_packet
from tripchat.settings import get_settings

TRANSPORT = "stream"
"""What a page asks for to get such a connection."""

SOCKET_PATH = "/_event/"
"""Where the app takes WebSockets."""

_NOT_A_SOCKETS = {b"accept", b"connection", b"last-event-id", b"origin", b"upgrade"}
"""Headers of the stream's request that a WebSocket's has otherwise, or not at all."""


class Post(body.Body):
    link: str
    n: Annotated[int, Field(ge=1)]
    """Which post of the link this is, counted from 1."""
    packets: list[str]


async def listen(request: Request) -> Response:
    """Open a link, or go on with one: its packets are events, numbered in their ids."""
    if (last_event := request.headers.get("last-event-id")) is not None:
        return _resume(request, last_event)
    if request.query_params.get("transport") != TRANSPORT:
        raise Malformed(f"The only transport here is {TRANSPORT}.")
    patience = get_settings().resume_seconds
    link = links.open(request.app, _socket_scope(request), _owner(request), patience)
    if not await link.accepted() or (listener := link.listen()) is None:
        raise Malformed("No connection can be opened like this.")
    return EventStream(listener)


def _resume(request: Request, last_event: str) -> Response:
    link_id, _, number = last_event.rpartition(".")
    link = links.get(link_id)
    if link is not None:
        _check_owner(request, link)
        # A browser repeats the number that it was given, and nothing else.
        heard = int(number) if number.isascii() and number.isdigit() and len(number) < 16 else -1
        if (listener := link.listen(heard)) is not None:
            return EventStream(listener)
    # The one answer that keeps an EventSource from trying again.
    return done()


async def post(request: Request) -> Response:
    """Take packets from the page."""
    given = await body.read(request, Post, MAX_FRAME_BYTES)
    link = links.get(given.link)
    if link is None and (answer := await _elsewhere(request, given)) is not None:
        return answer
    if given.packets == [CLOSE]:
        # Said by a page that is being left, maybe for having signed in or out: by then the cookie
        # is another one, or the link has ended. Whoever knows a link may end it.
        if link is not None:
            link.end()
        return done()
    if link is None:
        raise unknown_link()
    _check_owner(request, link)
    if not all(map(is_packet, given.packets)):
        raise Malformed("No page sends such packets.")
    await link.take(given.n, given.packets)
    return done()


async def _elsewhere(request: Request, given: Post) -> Response | None:
    """The answer of the worker that the link lives in; None when that is no other one."""
    worker = worker_of(given.link)
    return await forward(request, given.model_dump_json().encode(), worker)


def _owner(request: Request) -> str:
    return session_cookie.token_of(request) or ""


def _check_owner(request: Request, link: Link) -> None:
    """Let a link be used with the cookie alone that opened it; raises NotAMember."""
    if not link.belongs_to(_owner(request)):
        raise NotAMember("This link was opened with another sign-in.")


def _socket_scope(request: Request) -> Scope:
    """The scope of the WebSocket that the page would have opened."""
    query = {"EIO": request.query_params["EIO"], "transport": "websocket"}
    if (token := request.query_params.get("token")) is not None:
        query["token"] = token
    headers = [header for header in request.headers.raw if header[0] not in _NOT_A_SOCKETS]
    headers += [
        (b"connection", b"Upgrade"),
        (b"upgrade", b"websocket"),
        # A page asking its own server for a stream names no origin; invite links begin with it.
        (b"origin", base_url(request).encode("latin-1")),
    ]
    return {
        **{name: request.scope[name] for name in ("asgi", "http_version", "client", "server")},
        "scheme": "wss" if is_https(request) else "ws",
        "path": SOCKET_PATH,
        "raw_path": SOCKET_PATH.encode(),
        "root_path": "",
        "query_string": urlencode(query).encode(),
        "headers": headers,
    }
