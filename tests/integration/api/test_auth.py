from http.cookies import SimpleCookie

import httpx
import pytest

from tests.integration.api.conftest import CountRows, NewClient, assert_problem
from tripchat.hub import Change, SessionEnded

PERSON = {"name": "Ann", "email": "Ann@Example.org", "password": "correct horse"}


async def test_sign_up_sign_out_sign_in(client: httpx.AsyncClient, heard: list[Change]):
    signed_up = await client.post("/api/auth/sign-up", json=PERSON)
    assert signed_up.status_code == 201
    user_id = signed_up.json()["user_id"]
    assert signed_up.json() == {"user_id": user_id, "name": "Ann"}
    me = {"user_id": user_id, "name": "Ann", "email": "ann@example.org"}
    assert (await client.get("/api/me")).json() == me

    signed_out = await client.post("/api/auth/sign-out")
    assert (signed_out.status_code, signed_out.content) == (204, b"")
    assert [type(change) for change in heard] == [SessionEnded]
    assert_problem(await client.get("/api/me"), 401)

    signed_in = await client.post("/api/auth/sign-in", json={**PERSON, "name": "ignored"})
    assert signed_in.status_code == 200
    assert (await client.get("/api/me")).json() == me


async def test_signing_out_ends_the_session_and_not_only_the_cookie(
    client: httpx.AsyncClient, new_client: NewClient
):
    await client.post("/api/auth/sign-up", json=PERSON)
    thief = await new_client()
    thief.cookies.update(client.cookies)
    assert (await thief.get("/api/me")).status_code == 200
    await client.post("/api/auth/sign-out")
    assert_problem(await thief.get("/api/me"), 401)


async def test_signing_out_twice_is_harmless(client: httpx.AsyncClient):
    assert (await client.post("/api/auth/sign-out")).status_code == 204


@pytest.mark.parametrize("https", [False, True])
async def test_the_cookie_is_kept_from_scripts_and_other_sites(
    client: httpx.AsyncClient, https: bool
):
    headers = {"x-forwarded-proto": "https"} if https else {}
    response = await client.post("/api/auth/sign-up", json=PERSON, headers=headers)
    cookie = SimpleCookie(response.headers["set-cookie"])["tripchat_session"]
    assert cookie["httponly"]
    assert cookie["samesite"].lower() == "lax"
    assert cookie["path"] == "/"
    assert cookie["max-age"] == str(30 * 24 * 3600)
    assert bool(cookie["secure"]) is https
    assert "domain" not in response.headers["set-cookie"].lower()
    assert len(cookie.value) > 40


async def test_an_email_in_use_is_a_conflict(client: httpx.AsyncClient, count_rows: CountRows):
    await client.post("/api/auth/sign-up", json=PERSON)
    before = await count_rows()
    again = await client.post("/api/auth/sign-up", json={**PERSON, "email": "ann@example.ORG"})
    assert "already in use" in assert_problem(again, 409, "email")
    assert "set-cookie" not in again.headers
    assert await count_rows() == before


async def test_a_wrong_password(client: httpx.AsyncClient):
    await client.post("/api/auth/sign-up", json=PERSON)
    unknown = {"email": "nobody@example.org", "password": PERSON["password"]}
    wrong = {"email": PERSON["email"], "password": "wrong horse"}
    answers = [await client.post("/api/auth/sign-in", json=one) for one in (unknown, wrong)]
    assert assert_problem(answers[0], 401) == assert_problem(answers[1], 401)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "x" * 61}, "name"),
        ({"name": None}, "name"),
        ({"email": "ann"}, "email"),
        ({"email": ["ann@example.org"]}, "email"),
        ({"password": "short"}, "password"),
        ({"password": 12345678}, "password"),
    ],
)
async def test_a_refused_value_is_named(
    client: httpx.AsyncClient, count_rows: CountRows, change: dict[str, object], field: str
):
    assert_problem(await client.post("/api/auth/sign-up", json={**PERSON, **change}), 422, field)
    assert (await count_rows())["User"] == 0


@pytest.mark.parametrize("field", ["name", "email", "password"])
async def test_a_missing_field_is_named(client: httpx.AsyncClient, field: str):
    incomplete = {name: value for name, value in PERSON.items() if name != field}
    assert_problem(await client.post("/api/auth/sign-up", json=incomplete), 422, field)


async def test_cookies_that_are_nobodys(client: httpx.AsyncClient):
    for cookie in ("tripchat_session=", "tripchat_session=x; ;=", 'tripchat_session="\\', "é=ü"):
        response = await client.get("/api/me", headers={b"cookie": cookie.encode()})
        assert_problem(response, 401)
