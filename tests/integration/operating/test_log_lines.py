"""What stands in the log of a real server, at its most talkative: never what people wrote."""

import asyncio
import json
import random
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from websockets.asyncio.client import connect

from tests.kit.people import COOKIE, PASSWORD, Account
from tests.kit.server import Server, running
from tests.kit.tab import LIST_STATE, NAMESPACE, ROOM_STATE, ROOT_STATE, Tab

NOTICE_STATE = f"{ROOT_STATE}.tripchat___state___notice____notice_state"
RANDOM_EVENTS = 150


@dataclass
class Log:
    """A server's log, and what was said to the server meanwhile."""

    lines: list[dict[str, Any]]
    secrets: list[str]
    trip_id: str
    ana: Account
    answers: list[httpx.Response] = field(default_factory=list)

    def access(self, route: str) -> list[dict[str, Any]]:
        """The lines about calls of a route."""
        return [line for line in self.lines if line.get("route") == route]


def anything(marker: str, chance: random.Random, depth: int = 0) -> Any:
    """Some JSON with the marker in it."""
    kind = chance.choice("stlkn" if depth < 3 else "st")
    if kind == "s":
        return marker
    if kind == "t":
        return f"'{marker}' =: [{marker}] ({{{marker}}}"
    if kind == "n":
        return {"name": f"{ROOM_STATE}.{marker}", "payload": anything(marker, chance, depth + 1)}
    inner = [anything(marker, chance, depth + 1) for _ in range(chance.randint(1, 3))]
    return inner if kind == "l" else {marker: inner, "text": inner[0]}


def events(marker: str, trip: str, tab: Tab) -> list[Any]:
    """What a page would never send, and anybody can."""
    chance = random.Random(1)  # noqa: S311
    names = [
        *(f"{ROOM_STATE}.{name}" for name in ("send", "edit", "react", "remove", "load_page")),
        *(f"{ROOM_STATE}.{name}" for name in ("ask_remove", "types", "mark_read", "load_versions")),
        f"{LIST_STATE}.create",
        f"{NOTICE_STATE}.show",
        f"{ROOT_STATE}.hydrate_and_load",
        f"{ROOT_STATE}.reflex___state____update_vars_internal_state.update_vars_internal",
        marker,
    ]
    good = tab.event(names[0], {})
    found: list[Any] = []
    for _ in range(RANDOM_EVENTS):
        payload: Any = anything(marker, chance)
        if chance.random() < 0.7:
            arguments = ("trip_id", "client_id", "seq", "body", "kind", "text", "user_id", "name")
            payload = {
                name: trip if name == "trip_id" else anything(marker, chance)
                for name in arguments
                if chance.random() < 0.6
            }
        found.append({**good, "name": chance.choice(names), "payload": payload})
    strange = [
        {**good, "router_data": anything(marker, chance)},
        marker,
        [marker],
        {"text": marker},
    ]
    return [*found, *strange, {**good, "token": marker, "name": [marker]}]


async def speak(server: Server, ana: Account, trip: str, marker: str) -> list[httpx.Response]:
    """Say the marker in every way there is; gives some answers."""
    http = ana.http
    seq = (await ana.writes(trip, f"meet at {marker}"))["seq"]
    messages = f"/api/trips/{trip}/messages"
    await ana.edits(trip, seq, f"or at {marker}")
    await ana.is_called(f"Ana {marker}")
    await ana.renames(trip, f"Trip {marker}")
    await http.request(marker.upper(), messages)  # uvicorn itself turns that down
    answers = [
        await http.get(messages, headers={"X-Request-Id": "from-the-proxy-1"}),
        await http.get(messages, headers={"X-Request-Id": f'"{marker}" "'}),
        await http.get(messages, params={"after": marker}),
        await http.get(f"/api/{marker}"),
        await http.get(f"/join/{marker}"),
        await http.get(f"/trip/{marker}"),
        await http.get(f"/api/trips/{marker}/messages"),
        await http.post(f"/api/invites/{marker}/accept", json={}),
        await http.post(messages, json={"text": marker, "client_id": marker * 9}),
        await http.post(messages, json={"text": [marker], "client_id": 5}),
        await http.post(
            messages, content=f'{{"{marker}'.encode(), headers={"content-type": "application/json"}
        ),
        await http.post(messages, content=marker, headers={"content-type": "text/plain"}),
        await http.post(messages, json={"text": marker * 9000, "client_id": "c"}),
        await http.request("PROPFIND", messages, content=marker),
        await http.get("/api/me", headers={"User-Agent": marker, "Referer": marker}),
        await http.get("/api/me", headers={"Origin": f"http://{marker}"}),
        await http.get("/ping", headers={"Accept": marker}),
    ]
    async with httpx.AsyncClient(base_url=server.url) as stranger:
        stranger.cookies.set(COOKIE, marker)
        known = {"name": f"{marker}\n", "email": ana.email, "password": marker}
        answers += [
            await stranger.get("/api/trips"),
            await stranger.post("/api/auth/sign-in", json={"email": ana.email, "password": marker}),
            await stranger.post("/api/auth/sign-up", json=known),
            await stranger.post("/api/auth/sign-up", json={**known, "name": "Bo"}),
            await stranger.post("/api/auth/sign-out"),
        ]
    return answers


async def knock(server: Server, marker: str, subprotocol: str | None, query: str) -> None:
    """Open a socket in a way that no page does, and say the marker there."""
    address = f"ws://127.0.0.1:{server.port}/_event/?EIO=4&transport=websocket{query}"
    protocols: Any = [subprotocol] if subprotocol else None
    async with connect(address, subprotocols=protocols) as socket:
        await socket.recv()
        await socket.send(f"40{NAMESPACE},{json.dumps({'event': {'name': marker}})}")
        await socket.recv()
        event = {"name": f"{ROOM_STATE}.send", "payload": {"body": {"text": marker}}}
        for data in (["event", event], ["event", marker], ["client_error", {"message": marker}]):
            await socket.send(f"42{NAMESPACE},{json.dumps(data)}")
        await socket.send(f'42{NAMESPACE},["{marker}", "{marker}"]')
        await socket.send(f'42{NAMESPACE},["ping"]')
        while "pong" not in str(await socket.recv()):
            pass


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def log(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Log]:
    """The log of a server to which the same word was said in every way."""
    folder: Path = tmp_path_factory.mktemp("logs")
    marker = f"zq{secrets.token_hex(6)}"
    talkative = {"TRIPCHAT_LOG": "json", "TRIPCHAT_LOG_LEVEL": "debug"}
    async with running(folder, **talkative) as server:
        ana = await Account.sign_up(server.url, f"Ana {marker}")
        trip = await ana.makes_trip(f"Trip {marker}")
        code = await ana.invites_to(trip)
        await ana.joins(code)
        answers = await speak(server, ana, trip, marker)
        tab = await Tab(server.port, f"/trip/{trip}", ana.token, token=f"tab-{marker}").open()
        await tab.sends(trip, f"in a tab: {marker}")
        for event in events(marker, trip, tab):
            await tab.say(f"42{NAMESPACE},{json.dumps(['event', event])}")
        error = {"error_type": marker, "message": f"TypeError: {marker} is no {marker}"}
        await tab.say(f"42{NAMESPACE},{json.dumps(['client_error', error])}")
        await tab.sends(trip, "last")
        await tab.until(lambda: any("last" in frame for frame in tab.frames))
        for subprotocol, query in ((None, ""), (marker, f"&token={marker}"), (None, f"&{marker}")):
            await knock(server, marker, subprotocol, query)
        token = ana.token
        await tab.close()
        await ana.close()
    lines = [line for line in server.output().splitlines() if line.startswith("{")]
    assert [line for line in server.output().splitlines() if marker in line or token in line] == []
    yield Log(
        [json.loads(line) for line in lines],
        [marker, token, code, ana.email, PASSWORD],
        trip,
        ana,
        answers,
    )


pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_nothing_that_people_wrote_is_in_any_line(log: Log):
    assert len(log.lines) > 100
    whole = [json.dumps(line, ensure_ascii=False) for line in log.lines]
    # The search finds what is there.
    assert any(log.trip_id in line for line in whole)
    for secret in log.secrets:
        assert [line for line in whole if secret in line] == []


async def test_a_call_has_one_line_that_says_what_it_was(log: Log):
    calls = log.access("/api/trips/{trip_id}/messages")
    read = [line for line in calls if line["request_id"] == "from-the-proxy-1"]
    assert len(read) == 1
    assert (
        read[0].items()
        >= {
            "level": "INFO",
            "method": "GET",
            "status": 200,
            "trip_id": log.trip_id,
            "user_id": log.ana.user_id,
            "message": "GET /api/trips/{trip_id}/messages 200",
        }.items()
    )
    assert read[0]["ms"] > 0
    assert len(read[0]["session_id"]) == 12
    assert {line["worker_id"] for line in log.lines if "worker_id" in line} == {
        read[0]["worker_id"]
    }


async def test_every_answer_tells_the_id_of_its_request(log: Log):
    told = [answer.headers["x-request-id"] for answer in log.answers]
    assert told[0] == "from-the-proxy-1"
    assert len(set(told)) == len(told)
    known = {line["request_id"] for line in log.lines if "route" in line}
    assert set(told) <= known


async def test_an_event_is_logged_with_its_tab_and_an_id_of_its_own(log: Log):
    dropped = [line for line in log.lines if line["message"] == "an event that is none was dropped"]
    refused = [line for line in log.lines if line["logger"] == "tripchat.state.notice"]
    assert refused
    for lines in (dropped, refused):
        mine = [line for line in lines if line.get("user_id") == log.ana.user_id]
        assert mine
        assert len({line["request_id"] for line in mine}) == len(mine)


async def test_start_and_stop_are_logged(log: Log):
    said = [line["message"] for line in log.lines if line["logger"] == "tripchat.tripchat"]
    assert said == ["this worker serves", "this worker stops"]


async def test_calls_that_watch_are_no_news(log: Log):
    assert {line["level"] for line in log.access("/api/health")} == {"DEBUG"}


async def test_people_read_text(tmp_path: Path):
    async with running(tmp_path, TRIPCHAT_LOG_LEVEL="info") as server:
        await asyncio.sleep(0)
    lines = [line for line in server.output().splitlines() if "tripchat.tripchat" in line]
    assert [line.partition(" INFO ")[2] for line in lines] == [
        "tripchat.tripchat: this worker serves",
        "tripchat.tripchat: this worker stops",
    ]
