"""Every call and every handler, tried by those who may not: nobody, strangers, who was removed.

What is found here by itself is what exists: a new call or handler that is about a trip fails the
test until it is told how to be tried.
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from tests.e2e.intruder import Intruder
from tests.integration.api.conftest import SignedIn
from tests.integration.conftest import Unchanged
from tests.kit.people import Account
from tests.kit.server import Server
from tests.kit.tab import NAMESPACE, ROOT_STATE
from tripchat.api.endpoint import Call
from tripchat.api.routes import routes
from tripchat.services.acts import Who

SECRET = "The treasure is under the oak"
TEXT = {"text": "Eve was here"}

CALLS = {call.name: call for call in routes if isinstance(call, Call)}
OF_A_TRIP = [name for name, call in CALLS.items() if call.act.who.is_of_a_trip]
OF_SOMEBODY = [name for name, call in CALLS.items() if call.act.who.is_somebody]

BODIES: dict[str, dict[str, Any]] = {
    "POST /api/trips/{trip_id}/messages": {"client_id": "from-eve", **TEXT},
    "PUT /api/trips/{trip_id}/messages/{seq}": TEXT,
    "PUT /api/trips/{trip_id}": {"title": "Eve's trip"},
    "POST /api/trips/{trip_id}/invites": {},
    "DELETE /api/trips/{trip_id}": {"title": "Oak"},
}
"""What a call takes that would succeed for who may make it."""

UPLOAD = "POST /api/trips/{trip_id}/attachments"
FILE = {"file": ("map.txt", SECRET.encode())}


class Scene:
    """Ana's trip with a secret; Bo is in it, Cem was removed from it, Eve has a trip of her own."""

    def __init__(self, people: dict[str, httpx.AsyncClient]) -> None:
        self.people = people
        self.trip_id = ""
        self.code = ""
        self.attachment_id = ""

    async def is_set(self) -> None:
        """Have all of that happen."""
        ana, bo, cem, eve = (self.people[name] for name in ("Ana", "Bo", "Cem", "Eve"))
        self.trip_id = (await ana.post("/api/trips", json={"title": "Oak"})).json()["trip_id"]
        path = f"/api/trips/{self.trip_id}"
        self.code = (await ana.post(f"{path}/invites", json={})).json()["code"]
        for who in (bo, cem):
            (await who.post(f"/api/invites/{self.code}/accept")).raise_for_status()
        for who in (ana, bo, cem):
            said = {"client_id": "first", "text": SECRET}
            (await who.post(f"{path}/messages", json=said)).raise_for_status()
        uploaded = await ana.post(f"{path}/attachments", files=FILE)
        self.attachment_id = uploaded.json()["attachment_id"]
        removed = await ana.delete(f"{path}/members/{cem.headers['x-user-id']}")
        removed.raise_for_status()
        await eve.post("/api/trips", json={"title": "Eve's own"})

    def request_of(self, name: str, **other: str) -> dict[str, Any]:
        """A call as its maker would make it, for the trip of this scene."""
        places = {
            "trip_id": self.trip_id,
            "seq": "1",
            "user_id": self.people["Bo"].headers["x-user-id"],
            "code": self.code,
            "emoji": "👍",
            "attachment_id": self.attachment_id,
            "session_id": "x" * 16,
            **other,
        }
        method, _, template = name.partition(" ")
        request: dict[str, Any] = {"method": method, "url": template.format(**places)}
        if name in BODIES:
            request["json"] = BODIES[name]
        if name == UPLOAD:
            request["files"] = FILE
        return request


def refusal(name: str) -> int:
    """The status for who may not: of a file that is not theirs nobody learns that it is there."""
    return 404 if "{attachment_id}" in name else 403


@pytest.fixture
async def scene(signed_in: SignedIn) -> Scene:
    """The people, each with a client."""
    scene = Scene({name: await signed_in(name) for name in ("Ana", "Bo", "Cem", "Eve")})
    await scene.is_set()
    return scene


@pytest.mark.parametrize("name", OF_SOMEBODY)
async def test_nobody_is_let_in(
    name: str, scene: Scene, client: httpx.AsyncClient, unchanged: Unchanged
) -> None:
    for token in ("", "x" * 43, "../../etc/passwd"):
        client.cookies.set("tripchat_session", token)
        async with unchanged():
            answer = await client.request(**scene.request_of(name))
        assert answer.status_code == 401, answer.text
        assert SECRET not in answer.text


@pytest.mark.parametrize("who", ["Eve", "Cem"])
@pytest.mark.parametrize("name", OF_A_TRIP)
async def test_who_is_not_in_the_trip_is_refused(
    name: str, who: str, scene: Scene, unchanged: Unchanged
) -> None:
    async with unchanged():
        answer = await scene.people[who].request(**scene.request_of(name))
    assert answer.status_code == refusal(name), answer.text
    assert SECRET not in answer.text


@pytest.mark.parametrize("name", [name for name in OF_A_TRIP if "{trip_id}" in name])
async def test_who_names_no_trip_finds_none(name: str, scene: Scene, unchanged: Unchanged) -> None:
    for trip_id in ("x" * 12, "%00", "' OR 1=1 --"):
        async with unchanged():
            answer = await scene.people["Eve"].request(**scene.request_of(name, trip_id=trip_id))
        assert answer.status_code in (404, 405), answer.text


@pytest.mark.parametrize(
    "name", [name for name in OF_A_TRIP if CALLS[name].act.who is not Who.MEMBER]
)
async def test_a_member_does_not_do_what_is_for_others(
    name: str, scene: Scene, unchanged: Unchanged
) -> None:
    other = {"user_id": scene.people["Ana"].headers["x-user-id"]}
    async with unchanged():
        answer = await scene.people["Bo"].request(**scene.request_of(name, **other))
    assert answer.status_code == refusal(name), answer.text


@pytest.mark.parametrize("name", OF_A_TRIP)
async def test_the_same_call_by_who_may_succeeds(name: str, scene: Scene) -> None:
    answer = await scene.people["Ana"].request(**scene.request_of(name))
    assert answer.is_success, answer.text


# The same over the socket, where a page calls handlers.

TRIP = "{trip_id}"
ROOM = f"{ROOT_STATE}.tripchat___state___room____room_state"
LEAVE = f"{ROOM}.leave"
INVITES = f"{ROOT_STATE}.tripchat___state___invites____invites_state"
AUDIT = f"{ROOT_STATE}.tripchat___state___audit____audit_state"

HANDLERS: dict[str, dict[str, Any]] = {
    f"{ROOM}.enter": {},
    f"{ROOM}.send": {"trip_id": TRIP, "client_id": "x-1", "kind": "text", "body": TEXT},
    f"{ROOM}.edit": {"trip_id": TRIP, "seq": 1, "client_id": "x-2", "body": TEXT},
    f"{ROOM}.react": {"trip_id": TRIP, "seq": 1, "client_id": "x-3", "emoji": "👍", "there": True},
    f"{ROOM}.delete": {"trip_id": TRIP, "seq": 2, "client_id": "x-4"},
    f"{ROOM}.load_versions": {"trip_id": TRIP, "seq": 1},
    f"{ROOM}.load_receipt": {"trip_id": TRIP, "seq": 1},
    f"{ROOM}.load_page": {"trip_id": TRIP, "before": 100},
    f"{ROOM}.load_changes": {"trip_id": TRIP, "after_rev": 0, "first": 1, "last": 9},
    f"{INVITES}.show": {},
    f"{INVITES}.make": {"terms": {}},
    f"{INVITES}.revoke": {"code": "{code}"},
    f"{AUDIT}.show": {},
    f"{AUDIT}.show_earlier": {},
    f"{ROOM}.remove": {"user_id": "{bo}"},
    LEAVE: {},
}
"""Every handler about a trip, with what makes it succeed for an organiser; the last ends that."""

READING = {
    name
    for name in HANDLERS
    if ".load_" in name or name.endswith((".enter", ".show", ".show_earlier"))
}
"""Those that store nothing; a trip that has an invite shows that one."""


@pytest.fixture(scope="module")
def attacked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server of its own."""
    server = Server(tmp_path_factory.mktemp("doors"), TRIPCHAT_LIMITS="off")
    asyncio.run(server.start())
    yield server
    asyncio.run(server.stop())
    assert server.complaints() == []


def stored(file: Path) -> dict[str, list[Any]]:
    """All that is stored, without when anybody was last seen."""
    database = sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)
    tables = database.execute("SELECT name FROM sqlite_master WHERE type='table'").fetchall()
    rows = {
        name: sorted(database.execute(f'SELECT * FROM "{name}"').fetchall(), key=repr)  # noqa: S608
        for (name,) in tables
        if name != "session"
    }
    database.close()
    return rows


class Oak:
    """Ana's trip at the server, and what she and the others are called there."""

    def __init__(self, server: Server, people: dict[str, Account]) -> None:
        self.server = server
        self.people = people
        self.trip_id = ""
        self.names: dict[str, str] = {}

    def payload(self, name: str) -> dict[str, Any]:
        """What a handler is given."""
        return {
            key: value.format(**self.names) if isinstance(value, str) else value
            for key, value in HANDLERS[name].items()
        }


@pytest_asyncio.fixture
async def oak(attacked: Server) -> AsyncIterator[Oak]:
    """Ana's trip with Bo in it and Cem removed from it; Eve is a stranger."""
    people = {
        name: await Account.sign_up(attacked.url, name) for name in ["Ana", "Bo", "Cem", "Eve"]
    }
    ana, bo, cem, eve = people.values()
    oak = Oak(attacked, people)
    oak.trip_id = await ana.makes_trip("Oak", bo, cem)
    await ana.writes_all(oak.trip_id, [SECRET])
    await bo.writes_all(oak.trip_id, [SECRET])
    await ana.removes(oak.trip_id, cem)
    await eve.makes_trip("Eve's own")
    code = await ana.invites_to(oak.trip_id)
    oak.names = {"trip_id": oak.trip_id, "code": code, "bo": bo.user_id}
    yield oak
    for account in people.values():
        await account.close()


def test_all_handlers_about_a_trip_are_tried() -> None:
    from tests.security.test_rules import handlers
    from tripchat.state.door import act_of
    from tripchat.tripchat import app

    about_a_trip = {
        name
        for name in handlers(app)
        if (act := act_of(app, name)) is not None and act.who.is_of_a_trip
    }
    assert about_a_trip == set(HANDLERS)


@pytest.mark.parametrize("who", ["nobody", "Eve", "Cem"])
async def test_no_handler_serves_who_is_not_in_the_trip(who: str, oak: Oak) -> None:
    tab = await Intruder.comes(oak.server, oak.people.get(who), trip_id=oak.trip_id)
    before = stored(oak.server.database)
    for name in HANDLERS:
        await tab.call(name, **oak.payload(name))
        await tab.call(f"{ROOT_STATE}.hydrate_and_load")
    await tab.is_served()
    assert stored(oak.server.database) == before
    assert not tab.knows("treasure")
    assert not tab.knows(oak.names["code"])
    await tab.close()


async def test_a_member_does_nothing_over_the_socket_that_is_for_others(oak: Oak) -> None:
    tab = await Intruder.comes(oak.server, oak.people["Bo"], trip_id=oak.trip_id)
    before = stored(oak.server.database)
    await tab.call(f"{ROOM}.edit", **oak.payload(f"{ROOM}.edit"))
    await tab.call(f"{ROOM}.delete", trip_id=oak.trip_id, seq=1, client_id="x-9")
    await tab.call(f"{ROOM}.load_receipt", trip_id=oak.trip_id, seq=1)
    await tab.call(f"{ROOM}.remove", user_id=oak.people["Ana"].user_id)
    await tab.call(f"{INVITES}.revoke", code=oak.names["code"])
    await tab.is_served()
    assert stored(oak.server.database) == before
    await tab.close()


async def test_an_event_that_no_page_sends_is_no_error(oak: Oak) -> None:
    tab = await Intruder.comes(oak.server, oak.people["Ana"], trip_id=oak.trip_id)
    event = tab.event(f"{ROOT_STATE}.hydrate_and_load", {})
    twice = event["router_data"] | {"query": {"trip_id": [oak.trip_id, oak.trip_id]}}
    for odd in ({"router_data": twice}, {"payload": {"vars": [oak.trip_id]}}):
        await tab.say(f"42{NAMESPACE},{json.dumps(['event', event | odd])}")
    await tab.is_served()
    await tab.close()


async def test_the_same_handlers_serve_who_may(oak: Oak) -> None:
    for name in HANDLERS:
        tab = await Intruder.comes(oak.server, oak.people["Ana"], trip_id=oak.trip_id)
        await tab.is_served()
        before, said = stored(oak.server.database), len(tab.heard)
        await tab.call(name, **oak.payload(name))
        if name == LEAVE:
            await tab.hears("_redirect")
        else:
            await tab.is_served()
        told = "".join(tab.heard[said:])
        assert "You are not a member" not in told
        assert '"error"' not in told, told
        if name not in READING:
            assert stored(oak.server.database) != before, name
        await tab.close()
