import httpx
import pytest

from tests.integration.api.conftest import CountRows, NewClient, assert_problem
from tripchat.hub import Change

PERSON = {"name": "Ann", "email": "ann@example.org", "password": "correct horse"}
NEW = "seven green umbrellas"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.fixture
async def ann(client: httpx.AsyncClient) -> httpx.AsyncClient:
    """Somebody who has signed up, and knows their password."""
    client.headers["user-agent"] = FIREFOX
    assert (await client.post("/api/auth/sign-up", json=PERSON)).status_code == 201
    return client


@pytest.fixture
async def elsewhere(ann: httpx.AsyncClient, new_client: NewClient) -> httpx.AsyncClient:
    """The same person on another device."""
    other = await new_client()
    assert (await other.post("/api/auth/sign-in", json=PERSON)).status_code == 200
    return other


async def test_my_sessions(ann: httpx.AsyncClient, elsewhere: httpx.AsyncClient):
    found = (await ann.get("/api/me/sessions")).json()
    assert [each.keys() for each in found] == [
        {"session_id", "device", "current", "signed_in_at", "last_seen_at"}
    ] * 2
    assert found[0]["current"]
    assert found[0]["device"] == "Firefox on Linux"
    assert not found[1]["current"]
    assert found[1]["device"] == "python-httpx"
    assert found[0]["signed_in_at"].endswith("Z")
    for client in (ann, elsewhere):
        assert client.cookies["tripchat_session"] not in str(found)


async def test_signing_out_there(ann: httpx.AsyncClient, elsewhere: httpx.AsyncClient):
    [_, other] = (await ann.get("/api/me/sessions")).json()
    path = f"/api/me/sessions/{other['session_id']}"
    answer = await ann.delete(path)
    assert (answer.status_code, answer.content) == (204, b"")
    assert_problem(await elsewhere.get("/api/me"), 401)
    assert_problem(await ann.delete(path), 404)
    assert (await ann.get("/api/me")).status_code == 200


async def test_signing_out_everywhere_else(ann: httpx.AsyncClient, elsewhere: httpx.AsyncClient):
    assert (await ann.delete("/api/me/sessions")).status_code == 204
    assert_problem(await elsewhere.get("/api/me"), 401)
    assert len((await ann.get("/api/me/sessions")).json()) == 1


async def test_changing_the_password(ann: httpx.AsyncClient, elsewhere: httpx.AsyncClient):
    before = ann.cookies["tripchat_session"]
    given = {"password": PERSON["password"], "new_password": NEW}
    answer = await ann.put("/api/me/password", json=given)
    assert (answer.status_code, answer.content) == (204, b"")
    assert ann.cookies["tripchat_session"] != before
    assert (await ann.get("/api/me")).status_code == 200
    assert_problem(await elsewhere.get("/api/me"), 401)
    [only] = (await ann.get("/api/me/sessions")).json()
    assert only["device"] == "Firefox on Linux"
    assert_problem(await elsewhere.post("/api/auth/sign-in", json=PERSON), 401)
    with_new = {**PERSON, "password": NEW}
    assert (await elsewhere.post("/api/auth/sign-in", json=with_new)).status_code == 200


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"password": "wrong horse"}, "password"),
        ({"password": 7}, "password"),
        ({"new_password": "short"}, "new_password"),
        ({"new_password": "password123"}, "new_password"),
        ({"new_password": "ann@example.org"}, "new_password"),
        ({"new_password": None}, "new_password"),
    ],
)
async def test_a_change_that_is_refused_names_the_field(
    ann: httpx.AsyncClient, heard: list[Change], change: dict[str, object], field: str
):
    given = {"password": PERSON["password"], "new_password": NEW, **change}
    answer = await ann.put("/api/me/password", json=given)
    assert_problem(answer, 422, field)
    assert "set-cookie" not in answer.headers
    assert heard == []
    assert (await ann.get("/api/me")).status_code == 200


@pytest.mark.parametrize("password", ["password1", "qwertyuiop", "Ann", "ann@example.org"])
async def test_nobody_signs_up_with_a_password_that_is_tried_first(
    client: httpx.AsyncClient, count_rows: CountRows, password: str
):
    answer = await client.post("/api/auth/sign-up", json={**PERSON, "password": password})
    assert_problem(answer, 422, "password")
    assert (await count_rows())["User"] == 0


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/me/sessions"),
        ("DELETE", "/api/me/sessions"),
        ("DELETE", "/api/me/sessions/nonsense"),
        ("PUT", "/api/me/password"),
    ],
)
async def test_nobody_has_an_account_without_signing_in(
    client: httpx.AsyncClient, method: str, path: str
):
    assert_problem(await client.request(method, path), 401)
