import httpx
import pytest

from tests.integration.api.conftest import CountRows, assert_problem

FULL = {
    "title": "Summer",
    "destination": "Lisbon",
    "starts_on": "2030-06-21",
    "ends_on": "2030-06-28",
    "time_zone": "Europe/Lisbon",
}


async def test_make_a_trip_and_find_it_in_the_list(ann: httpx.AsyncClient):
    made = await ann.post("/api/trips", json=FULL)
    assert made.status_code == 201
    trip = made.json()
    assert FULL.items() <= trip.items()
    await ann.post(
        f"/api/trips/{trip['trip_id']}/messages", json={"text": "hello\nall", "client_id": "c1"}
    )
    (card,) = (await ann.get("/api/trips")).json()
    assert FULL.items() <= card.items()
    assert card["trip_id"] == trip["trip_id"]
    assert (card["last_line"], card["last_author"], card["last_seq"]) == ("hello all", "Ann", 1)
    assert card["last_at"].endswith("Z")


async def test_a_title_is_enough(ann: httpx.AsyncClient):
    assert (await ann.post("/api/trips", json={"title": "Summer"})).status_code == 201
    assert (await ann.get("/api/trips")).json()[0]["last_at"] is None


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"title": ""}, "title"),
        ({"title": "x" * 101}, "title"),
        ({"title": {"a": 1}}, "title"),
        ({"starts_on": "21.6.2030"}, "starts_on"),
        ({"ends_on": "2030-06-20"}, "ends_on"),
        ({"ends_on": 20300620}, "ends_on"),
        ({"time_zone": "Lisbon"}, "time_zone"),
    ],
)
async def test_a_refused_value_is_named(
    ann: httpx.AsyncClient, count_rows: CountRows, change: dict[str, object], field: str
):
    assert_problem(await ann.post("/api/trips", json={**FULL, **change}), 422, field)
    assert (await count_rows())["Trip"] == 0


async def test_signed_out(client: httpx.AsyncClient):
    assert_problem(await client.get("/api/trips"), 401)
    assert_problem(await client.post("/api/trips", json=FULL), 401)
