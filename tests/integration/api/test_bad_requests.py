"""What every call refuses before it looks at what is asked."""

import httpx
import pytest

from tests.integration.api.conftest import CountRows, assert_problem
from tripchat import db, storage
from tripchat.api import trips as trips_api
from tripchat.settings import Settings

JSON = {"content-type": "application/json"}
SIGN_UP = b'{"name": "Ann", "email": "ann@example.org", "password": "correct horse"}'


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b'{"text": "caf\xe9", "client_id": "c1"}', "UTF-8"),
        (b'{"text": "hello", ', "JSON"),
        (b"text=hello", "JSON"),
        (b"", "JSON"),
        (b"[1, 2]", "object"),
        (b'"hello"', "object"),
        (b"null", "object"),
    ],
)
async def test_a_malformed_body(
    ann: httpx.AsyncClient, trip: str, count_rows: CountRows, content: bytes, said: str
):
    response = await ann.post(f"/api/trips/{trip}/messages", content=content, headers=JSON)
    assert said in assert_problem(response, 400)
    assert (await count_rows())["Message"] == 0


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""]
)
async def test_a_body_of_another_type(
    client: httpx.AsyncClient, count_rows: CountRows, content_type: str
):
    headers = {"content-type": content_type}
    response = await client.post("/api/auth/sign-up", content=SIGN_UP, headers=headers)
    assert "application/json" in assert_problem(response, 400)
    assert (await count_rows())["User"] == 0


async def test_a_body_above_64_kib(ann: httpx.AsyncClient, trip: str, count_rows: CountRows):
    big = {"text": "x" * 65_536, "client_id": "c1"}
    assert_problem(await ann.post(f"/api/trips/{trip}/messages", json=big), 413)
    assert (await count_rows())["Message"] == 0


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://trips.example:81"])
async def test_a_page_of_another_site_changes_nothing(
    ann: httpx.AsyncClient, trip: str, count_rows: CountRows, origin: str
):
    before, headers = await count_rows(), {"origin": origin}
    for call in (
        ann.post("/api/auth/sign-up", content=SIGN_UP, headers={**headers, **JSON}),
        ann.post("/api/auth/sign-out", headers=headers),
        ann.post("/api/trips", json={"title": "T"}, headers=headers),
        ann.post(f"/api/trips/{trip}/invites", headers=headers),
        ann.post(
            f"/api/trips/{trip}/messages", json={"text": "a", "client_id": "c"}, headers=headers
        ),
        ann.delete(f"/api/trips/{trip}/members/{ann.headers['x-user-id']}", headers=headers),
    ):
        assert "another site" in assert_problem(await call, 403)
    assert await count_rows() == before


async def test_our_own_page_may(ann: httpx.AsyncClient):
    headers = {"origin": "http://trips.example"}
    response = await ann.post("/api/trips", json={"title": "T"}, headers=headers)
    assert response.status_code == 201


async def test_unknown_addresses_and_methods(client: httpx.AsyncClient):
    assert_problem(await client.get("/api/nothing"), 404)
    assert_problem(await client.post("/api/"), 404)
    response = await client.put("/api/trips", json={})
    assert_problem(response, 405)
    assert response.headers["allow"] == "GET, HEAD, POST"


async def test_a_fault_of_ours_is_a_problem_and_no_message_reaches_the_log(
    ann: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    message = "meet me at the station"

    async def fail(_user_id: str) -> None:
        raise RuntimeError(f"while reading {message}")

    monkeypatch.setattr(trips_api.trips, "mine", fail)
    detail = assert_problem(await ann.get("/api/trips"), 500)
    assert "station" not in detail
    assert "RuntimeError" in caplog.text
    assert "station" not in caplog.text


async def test_health(client: httpx.AsyncClient, opened: Settings):
    well = await client.get("/api/health")
    assert well.status_code == 200
    assert well.json() == {
        "status": "ok",
        "database": "ok",
        "redis": "not used",
        "workers": 1,
        "version": "0.1.0",
    }
    await db.close_database()
    ill = await client.get("/api/health")
    assert ill.status_code == 503
    assert (ill.json()["status"], ill.json()["database"]) == ("down", "down")
    await storage.open_storage(opened)
    assert (await client.get("/api/health")).status_code == 200


async def test_answers_stay_out_of_caches(ann: httpx.AsyncClient):
    for response in (await ann.get("/api/me"), await ann.get("/api/nothing")):
        assert response.headers["cache-control"] == "no-store"
