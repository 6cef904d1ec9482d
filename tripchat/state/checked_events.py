"""Events looked at before Reflex takes them: any client can send anything."""

from __future__ import annotations

import contextlib
import logging
import time
from functools import cached_property, lru_cache
from typing import Any

import reflex as rx
from reflex.app import EventNamespace
from reflex.route import get_route_args

from tripchat.errors import NotSignedIn, Refused
from tripchat.observability import context, metrics
from tripchat.realtime.live import live
from tripchat.realtime.tabs import Tab
from tripchat.services import acts, limiting, messages, reading
from tripchat.services.acts import Act
from tripchat.state.door import act_of
from tripchat.state.gate import note, token_in
from tripchat.state.notice import NoticeState, is_passing, kind_of, problem_of
from tripchat.state.room import RoomState, held_back

TYPES = f"{RoomState.get_full_name()}.types"
"""What a tab says now and then while keys are pressed."""

MARK_READ = f"{RoomState.get_full_name()}.mark_read"
"""What a tab says when its person has seen the messages up to a `seq`."""

# Both need no state of the tab, and come too often to load one: each message moves everybody's
# marker, and a tab whose state has been let go would be hydrated anew for it.

_SHOW = f"{NoticeState.get_full_name()}.show"

logger = logging.getLogger(__name__)


class CheckedEvents(EventNamespace):
    """Reflex's socket namespace, with a door: it drops what pages may not call, for want of an act.

    Reflex would log what is no event whole, with what somebody wrote and with their cookie.
    """

    _build = ""

    @classmethod
    def install(cls, app: rx.App, build: str) -> None:
        """Put it in the place of the app's namespace; call it before the app serves.

        `build` is what the served build of the page is called; empty in development.
        """
        assert app.sio is not None
        assert app.event_namespace is not None
        namespace = cls(app.event_namespace.namespace, app)
        namespace._build = build
        app._event_namespace = namespace
        app.sio.register_namespace(namespace)

    async def on_connect(self, sid: str, environ: dict[str, Any], auth: Any = None) -> None:
        """Tell a page which build is served; one that is older finds a good moment to reload."""
        if isinstance(auth, dict):
            # Reflex would have it reload at once, with whatever somebody is about to do in it.
            auth.pop("state_schema", None)
        # What it says here Reflex would log, whatever it is.
        environ.pop("HTTP_SEC_WEBSOCKET_PROTOCOL", None)
        if self._build:
            await self.emit("build", self._build, to=sid)
        await super().on_connect(sid, environ, auth)

    async def on_event(self, sid: str, data: Any) -> None:
        """Pass an event on to Reflex if it is one."""
        self._hear(sid)
        arrived = time.perf_counter()
        request_id = context.begin(at=arrived)
        note(live().tabs.get(sid))
        name = data.get("name") if isinstance(data, dict) else None
        if name == TYPES:
            _count(TYPES)
            await self._types(sid)
            return
        if name == MARK_READ:
            _count(MARK_READ)
            await self._mark_read(sid, **_only(data.get("payload"), "trip_id", "seq"))
            return
        act = act_of(self.app, data["name"]) if self._is_event(data) else None
        if sid not in self.sid_to_token or act is None:
            _count("none")
            logger.warning("an event that is none was dropped")
            return
        _count(data["name"])
        data["payload"] = payload = data.get("payload") or {}
        try:
            tab = await self._admit(sid, act)
            if act is acts.SEND and tab is not None:
                _check_turn(tab, payload.get("run"))
        except Refused as refused:
            await self._refuse(sid, act, payload, refused)
            return
        data["router_data"] = context.Routing(data.get("router_data", {}), request_id, arrived)
        await super().on_event(sid, data)

    def _is_event(self, data: Any) -> bool:
        return _well_formed(data) and all(
            isinstance(data.get("router_data", {}).get("query", {}).get(part, ""), str)
            for part in self._parts
        )

    @cached_property
    def _parts(self) -> frozenset[str]:
        """The parts of pages' addresses by name, such as `trip_id`: each has one value."""
        return frozenset(
            part for route in self.app._unevaluated_pages for part in get_route_args(route)
        )

    async def _admit(self, sid: str, act: Act) -> Tab | None:
        """Let a tab do something, if anybody like its person may.

        Gives the tab, None for one of which nobody has to know yet whose it is. Raises NotSignedIn,
        or TooMany when it has done too much of it lately.
        """
        await limiting.check(act.limit, address=self._address(sid))
        if not act.who.is_somebody:
            return live().tabs.get(sid)
        tab = await live().identify(sid, self._token(sid))
        if tab.identity is None or tab.ended:
            raise NotSignedIn("Sign in first.")
        await limiting.check(act.limit, person=tab.identity.user_id)
        return tab

    async def _refuse(self, sid: str, act: Act, payload: Any, refused: Refused) -> None:
        """Answer what a tab asked for, and tell its person."""
        problem = problem_of(refused)
        metrics.event_refusals.labels(problem["status"]).inc()
        client_id, run = _only(payload, "client_id", "run").values()
        tab = live().tabs.get(sid)
        if act is acts.SEND and tab is not None and isinstance(run, int) and is_passing(refused):
            tab.refused_run = max(tab.refused_run, run)
        if messages.is_client_id(client_id):
            await live().broadcaster.answer(sid, {"client_id": client_id, **problem})
            if act is acts.SEND:
                return  # the message itself shows why
        notice = {"text": problem["problem"], "kind": kind_of(refused)}
        await live().broadcaster.call(_SHOW, sid, **notice)

    def _token(self, sid: str) -> str | None:
        """The session's token that came with a tab's handshake."""
        return token_in(self._environ(sid).get("HTTP_COOKIE", ""))

    def _address(self, sid: str) -> str:
        """Where a tab's connection comes from."""
        client = self._environ(sid).get("asgi.scope", {}).get("client")
        return client[0] if client else ""

    def _environ(self, sid: str) -> dict[str, Any]:
        assert self.server is not None
        return self.server.get_environ(sid, self.namespace) or {}

    async def _types(self, sid: str) -> None:
        """Show that a tab's person types; one who may not is nobody's loss."""
        with contextlib.suppress(Refused):
            await self._admit(sid, acts.TYPE)
            live().types(sid)

    async def _mark_read(self, sid: str, trip_id: Any, seq: Any) -> None:
        """Move the marker of a tab's person; one that cannot be moved is nobody's loss."""
        with contextlib.suppress(Refused):
            tab = await self._admit(sid, acts.MARK_READ)
            if tab is not None and tab.identity is not None:
                await reading.mark_read(tab.identity.user_id, trip_id, seq)

    def _hear(self, sid: str) -> None:
        """Note that a tab is there, as its pong does, which may wait behind much else it sent."""
        assert self.server is not None
        eio_sid = self.server.manager.eio_sid_from_sid(sid, self.namespace)
        socket = self.server.eio.sockets.get(eio_sid)
        if socket is not None:
            socket.schedule_ping()


def _count(name: str) -> None:
    """Count an event; the names of handlers are as many as the app has."""
    metrics.events.labels(_short(name)).inc()


@lru_cache(maxsize=1024)
def _short(name: str) -> str:
    """A handler's name without those of Reflex's and our packages: `room_state.send`."""
    return ".".join(part.rpartition("____")[2] for part in name.split(".")[-2:])


def _only(payload: Any, *names: str) -> dict[str, Any]:
    """These arguments of a call, None for one that is not there."""
    given = payload if isinstance(payload, dict) else {}
    return {name: given.get(name) for name in names}


def _check_turn(tab: Tab, run: Any) -> None:
    """Let no message overtake one of its run that was refused here; raises TooMany."""
    if isinstance(run, int) and run <= tab.refused_run:
        raise held_back()


def _well_formed(data: Any) -> bool:
    if not isinstance(data, dict) or not isinstance(data.get("name"), str):
        return False
    payload, router = data.get("payload", {}), data.get("router_data", {})
    return (
        isinstance(payload, dict | None)
        # What the browser has kept for Reflex: a hydrate brings it along.
        and isinstance((payload or {}).get("vars"), dict | None)
        and isinstance(router, dict)
        and isinstance(router.get("pathname", ""), str)
        and isinstance(router.get("asPath", ""), str)
        and isinstance(router.get("query", {}), dict)
        and all(isinstance(value, str | list) for value in router.get("query", {}).values())
    )
