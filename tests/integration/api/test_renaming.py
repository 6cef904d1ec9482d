"""Renaming oneself and a trip over HTTP."""

import httpx
import pytest

from tests.integration.api.conftest import assert_problem
from tests.integration.conftest import Unchanged

FULL = {
    "title": "Winter",
    "destination": "Oslo",
    "starts_on": "2031-01-01",
    "ends_on": "2031-01-09",
    "time_zone": "Europe/Oslo",
}


@pytest.fixture
async def shared(ann: httpx.AsyncClient, ben: httpx.AsyncClient, trip: str) -> str:
    """The address of Ann's trip, which Ben has joined."""
    code = (await ann.post(f"/api/trips/{trip}/invites")).json()["code"]
    await ben.post(f"/api/invites/{code}/accept")
    return f"/api/trips/{trip}"


async def test_a_person(ann: httpx.AsyncClient, ben: httpx.AsyncClient, shared: str):
    await ben.post(f"{shared}/messages", json={"text": "hello", "client_id": "c1"})
    answer = await ben.put("/api/me", json={"name": " Benedikt "})
    assert answer.status_code == 200
    me = {"user_id": ben.headers["x-user-id"], "name": "Benedikt", "email": "ben@example.org"}
    assert answer.json() == (await ben.get("/api/me")).json() == me
    [card] = (await ann.get("/api/trips")).json()
    assert card["last_author"] == "Benedikt"


@pytest.mark.parametrize(
    "body", [{}, {"name": ""}, {"name": "x" * 61}, {"name": None}, {"name": 5}]
)
async def test_a_refused_name(ann: httpx.AsyncClient, unchanged: Unchanged, body: dict[str, str]):
    async with unchanged():
        assert_problem(await ann.put("/api/me", json=body), 422, "name")


async def test_a_trip_is_described_as_a_whole(
    ann: httpx.AsyncClient, ben: httpx.AsyncClient, shared: str
):
    answer = await ann.put(shared, json=FULL)
    assert answer.status_code == 200
    assert FULL.items() <= answer.json().items()
    [card] = (await ben.get("/api/trips")).json()
    assert FULL.items() <= card.items()
    assert (await ann.put(shared, json={"title": "Spring"})).status_code == 200
    [card] = (await ben.get("/api/trips")).json()
    assert (dict.fromkeys(FULL) | {"title": "Spring"}).items() <= card.items()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"title": ""}, "title"),
        ({"title": None}, "title"),
        ({"destination": 5}, "destination"),
        ({"starts_on": "1.1.2031"}, "starts_on"),
        ({"ends_on": "2030-12-31"}, "ends_on"),
        ({"time_zone": "Oslo"}, "time_zone"),
    ],
)
async def test_a_refused_value_is_named(
    ann: httpx.AsyncClient,
    shared: str,
    unchanged: Unchanged,
    change: dict[str, object],
    field: str,
):
    async with unchanged():
        assert_problem(await ann.put(shared, json=FULL | change), 422, field)


async def test_who_may_not(
    ann: httpx.AsyncClient,
    ben: httpx.AsyncClient,
    client: httpx.AsyncClient,
    shared: str,
    unchanged: Unchanged,
):
    alien = {"origin": "https://evil.example"}
    async with unchanged():
        assert "organiser" in assert_problem(await ben.put(shared, json=FULL), 403)
        assert_problem(await ben.put("/api/trips/nosuchtrip12", json=FULL), 404)
        assert_problem(await client.put(shared, json=FULL), 401)
        assert_problem(await client.put("/api/me", json={"name": "Nobody"}), 401)
        assert_problem(await ann.put(shared, json=FULL, headers=alien), 403)
        assert_problem(await ann.put("/api/me", json={"name": "A"}, headers=alien), 403)
