"""The event stream's address: what it refuses, and what a stream is."""

import asyncio
import json
from typing import Any

import httpx
import pytest
from starlette.requests import Request

from tests.integration.api.conftest import assert_problem
from tests.integration.conftest import Unchanged
from tripchat.api import feed as feed_module
from tripchat.api.endpoint import identity_of
from tripchat.api.feed import HEARTBEAT, Feed
from tripchat.services import following, messages


@pytest.fixture
async def request_of_ann(ann: httpx.AsyncClient) -> Request:
    """A request with Ann's cookie."""
    [cookie] = ann.cookies.jar
    headers = [(b"cookie", f"{cookie.name}={cookie.value}".encode())]
    return Request({"type": "http", "method": "GET", "path": "/", "headers": headers})


@pytest.mark.parametrize("after", ["", "x", "-1", "1.5", "1e3", "٣", "9" * 16])
async def test_an_after_that_is_none(ann: httpx.AsyncClient, trip: str, after: str):
    assert_problem(await ann.get(f"/api/trips/{trip}/events", params={"after": after}), 400)


@pytest.mark.parametrize(
    "event", ["", "x", "1", "1.", ".1", "1.1.1", "-1.0", "1.-1", "9" * 16 + ".1", "1000.1"]
)
async def test_a_position_that_is_none(ann: httpx.AsyncClient, trip: str, event: str):
    headers = {"last-event-id": event}
    assert_problem(await ann.get(f"/api/trips/{trip}/events", headers=headers), 400)


async def test_who_may_not(
    ann: httpx.AsyncClient,
    ben: httpx.AsyncClient,
    client: httpx.AsyncClient,
    trip: str,
    unchanged: Unchanged,
):
    path = f"/api/trips/{trip}/events"
    async with unchanged():
        for headers in ({}, {"last-event-id": "0.0"}):
            assert_problem(await client.get(path, headers=headers), 401)
            assert_problem(await ben.get(path, headers=headers), 403)
            alien = headers | {"origin": "https://evil.example"}
            assert_problem(await ann.get(path, headers=alien), 403)
            answer = await ann.get("/api/trips/nosuchtrip12/events", headers=headers)
            assert_problem(answer, 404)
    other = await ann.put(path)
    assert_problem(other, 405)
    assert other.headers["allow"] == "GET, HEAD, POST"


async def test_only_the_head_of_a_stream(ann: httpx.AsyncClient, trip: str):
    answer = await ann.head(f"/api/trips/{trip}/events")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/event-stream")


async def test_a_sign_of_life_while_nothing_happens(
    ann: httpx.AsyncClient, trip: str, request_of_ann: Request, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(feed_module, "HEARTBEAT_SECONDS", 0.01)
    identity = await identity_of(request_of_ann)
    position = await following.begin(identity.user_id, trip)
    feed = Feed(request_of_ann, identity, trip, position)
    heard: list[bytes] = []
    async with asyncio.timeout(10):
        async for piece in feed:
            heard.append(piece)
            if len(heard) == 3:
                await ann.post(
                    f"/api/trips/{trip}/messages", json={"text": "at last", "client_id": "c1"}
                )
            elif len(heard) == 4:
                feed.close()
    assert heard[:3] == [b"id: 0.0\n\n", HEARTBEAT, HEARTBEAT]
    assert b"at last" in heard[3]


async def test_what_was_read_before_the_trip_was_lost_is_not_told_after_it(
    ann: httpx.AsyncClient,
    ben: httpx.AsyncClient,
    trip: str,
    request_of_ann: Request,
    monkeypatch: pytest.MonkeyPatch,
):
    code = (await ann.post(f"/api/trips/{trip}/invites")).json()["code"]
    await ben.post(f"/api/invites/{code}/accept")
    identity = await identity_of(request_of_ann)
    feed = Feed(request_of_ann, identity, trip, await following.begin(identity.user_id, trip))
    await messages.send(identity.user_id, trip, "c1", body={"text": "secret"})
    read = following.next_changes

    async def read_and_lose(*arguments: Any) -> Any:
        changes = await read(*arguments)
        assert changes
        await ann.delete(f"/api/trips/{trip}/members/{identity.user_id}")
        return changes

    monkeypatch.setattr(following, "next_changes", read_and_lose)
    assert [piece async for piece in feed] == [b"id: 0.0\n\n"]
    assert (await ann.get(f"/api/trips/{trip}/events")).status_code == 403


async def test_an_event_says_what_a_reader_reads(
    ann: httpx.AsyncClient, trip: str, request_of_ann: Request
):
    sent = {"text": "**hello**", "client_id": "c1"}
    await ann.post(f"/api/trips/{trip}/messages", json=sent)
    identity = await identity_of(request_of_ann)
    feed = Feed(
        request_of_ann, identity, trip, await following.begin(identity.user_id, trip, after=0)
    )
    pieces = aiter(feed)
    await anext(pieces)
    event = dict(
        line.split(": ", 1) for line in (await anext(pieces)).decode().splitlines() if line
    )
    assert (event["id"], event["event"]) == ("1.1", "message")
    [message] = (await ann.get(f"/api/trips/{trip}/messages")).json()["messages"]
    assert json.loads(event["data"]) == message
    feed.close()
    assert [piece async for piece in pieces] == []
