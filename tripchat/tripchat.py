"""Assembles the app: states, pages, the live side, the HTTP calls. It decides nothing itself."""

from __future__ import annotations

import contextlib
import gc
import json
import logging
import os
from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace

import reflex as rx
from reflex.app import default_error_boundary
from reflex_base.constants import Endpoint
from reflex_base.environment import environment
from reflex_base.utils import format as reflex_format
from starlette.applications import Starlette
from starlette.requests import HTTPConnection
from starlette.routing import BaseRoute, Mount
from starlette.types import ASGIApp

from tripchat import extensions, pages, storage
from tripchat.api.connections import LimitedConnections
from tripchat.api.cross_origin import CrossOrigin
from tripchat.api.forwarding import forwarding
from tripchat.api.headers import SafeHeaders
from tripchat.api.origin import is_foreign
from tripchat.api.routes import routes
from tripchat.background import meanwhile
from tripchat.browser.connection import connection_watch
from tripchat.cluster import bus
from tripchat.cluster.shared_counts import counts_of
from tripchat.cluster.workers import workers
from tripchat.components import look
from tripchat.observability import loop_lag, metrics, traces
from tripchat.observability.calls import ObservedCalls
from tripchat.observability.worker import ThisWorker
from tripchat.previews import follower as previews
from tripchat.realtime import link, live
from tripchat.realtime.broadcast import Broadcaster
from tripchat.realtime.emitter import FrameManager
from tripchat.realtime.frames import MAX_FRAME_BYTES
from tripchat.realtime.page_server import PageServer, SpokenByPages
from tripchat.server.site import BUILD_NAME, SITE_FOLDER, Site
from tripchat.services import collecting, erasing, group_commit, limiting, receipts, resets
from tripchat.settings import get_settings
from tripchat.state.checked_events import CheckedEvents
from tripchat.state.gate import Gate
from tripchat.state.notice import note_browser_error, show_error
from tripchat.state.room import RoomState
from tripchat.state.session import SessionState
from tripchat.state.trips import TripsState

log = logging.getLogger(__name__)

LAST_EVENTS_SECONDS = 5.0
"""How long a worker that stops goes on with what it has already been told."""

settings = get_settings()
extensions.load(settings.extensions)
if SITE_FOLDER in os.environ:  # there is nothing to trace where the page is only built
    traces.switch_on()
workers.url = settings.own_url

manager = FrameManager()
sio = PageServer(
    async_mode="asgi",
    client_manager=manager,
    # Only our own pages may open a socket with a visitor's cookie, and those we were told of.
    cors_allowed_origins=lambda _origin, environ: (
        not is_foreign(HTTPConnection(environ["asgi.scope"]))
    ),
    transports=["websocket"],
    allow_upgrades=False,
    async_handlers=False,
    max_http_buffer_size=MAX_FRAME_BYTES,
    ping_interval=environment.REFLEX_SOCKET_INTERVAL.get().total_seconds(),
    ping_timeout=environment.REFLEX_SOCKET_TIMEOUT.get().total_seconds(),
    json=SimpleNamespace(dumps=reflex_format.json_dumps, loads=json.loads),
)


def add_site(backend: ASGIApp) -> ASGIApp:
    """Serve the HTTP calls, and the built page for every address that is nothing else."""
    assert isinstance(backend, Starlette)
    # What else Reflex answers by itself, to anybody, nobody needs.
    backend.routes[:] = [*routes, *(each for each in backend.routes if _is_socket(each))]
    if folder := os.environ.get(SITE_FOLDER):
        backend.routes.append(Mount("/", Site(Path(folder), app.router), name="site"))
    return ObservedCalls(LimitedConnections(SpokenByPages(backend)))


def _is_socket(route: BaseRoute) -> bool:
    return isinstance(route, Mount) and route.path == str(Endpoint.EVENT)


class GuardedApp(rx.App):
    """Reflex's app, with what every answer says to browsers around all of it."""

    def __call__(self) -> ASGIApp:
        """The ASGI application."""
        return SafeHeaders(CrossOrigin(super().__call__()))


app = GuardedApp(
    sio=sio,
    style={},
    stylesheets=look.STYLESHEETS,
    head_components=look.head(),
    html_lang="en",
    toaster=None,
    app_wraps={
        (55, "ErrorBoundary"): lambda stateful: default_error_boundary(),
        (50, "ConnectionWatch"): lambda stateful: connection_watch(os.environ.get(BUILD_NAME, "")),
    },
    frontend_exception_handler=note_browser_error,
    backend_exception_handler=show_error,
    api_transformer=add_site,
)
CheckedEvents.install(app, Path(os.environ.get(SITE_FOLDER, "")).name)
app.add_middleware(Gate())
pages.add_to(app)

live_side = live.Live(
    Broadcaster(sio, app.event_namespace.namespace if app.event_namespace else "/_event"),
    room_state=RoomState.get_full_name(),
    list_state=TripsState.get_full_name(),
    session_state=SessionState.get_full_name(),
)
live.use(live_side)
manager.on_left(live_side.dropped)
metrics.registry.register(ThisWorker(live_side, sio))


@contextlib.asynccontextmanager
async def resources() -> AsyncIterator[None]:
    """Open what the worker needs while it serves; close it in the opposite order."""
    await storage.open_storage(settings)
    # All that was loaded stays for good. Were it looked through by each full collection, everybody
    # would wait for that, up to some hundred milliseconds.
    gc.collect()
    gc.freeze()
    try:
        async with (
            counts_of(settings) as counts,
            limiting.limited(settings, counts),
            live_side.following(),
            bus.joined(settings),
            forwarding(),
            previews.following(settings),
            meanwhile(collecting.go_on()),
            meanwhile(erasing.go_on()),
        ):
            log.info("this worker serves")
            with loop_lag.watched():
                yield
            log.info("this worker stops")
            await link.links.stop()
            # The sockets are closed by now; their last events still want the database.
            await app.event_processor.stop(graceful_shutdown_timeout=LAST_EVENTS_SECONDS)
            await group_commit.drain()
            await receipts.drain()
            await resets.drain()
    finally:
        await storage.close_storage()
        await traces.stop()


app.register_lifespan_task(resources)
