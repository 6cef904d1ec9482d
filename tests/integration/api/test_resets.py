from pathlib import Path

import httpx
import pytest

from tests.integration.api.conftest import NewClient, assert_problem
from tests.kit.mailbox import reset_links

PERSON = {"name": "Ann", "email": "ann@example.org", "password": "correct horse"}
NEW = {"password": "seven green umbrellas"}


@pytest.fixture
async def ann(client: httpx.AsyncClient) -> httpx.AsyncClient:
    """Somebody who has signed up."""
    assert (await client.post("/api/auth/sign-up", json=PERSON)).status_code == 201
    return client


@pytest.fixture
async def nobody(new_client: NewClient) -> httpx.AsyncClient:
    """Somebody who is not signed in."""
    return await new_client()


async def link_of(nobody: httpx.AsyncClient, data: Path, **headers: str) -> str:
    answer = await nobody.post("/api/auth/reset", json={"email": PERSON["email"]}, headers=headers)
    assert answer.status_code == 202
    [link] = await reset_links(data, PERSON["email"])
    return link


async def test_a_new_password_by_mail(
    ann: httpx.AsyncClient, nobody: httpx.AsyncClient, tmp_path: Path
):
    link = await link_of(nobody, tmp_path)
    assert link.startswith("http://trips.example/reset/")
    call = f"/api/auth/reset/{link.rpartition('/')[2]}"
    assert_problem(await nobody.post(call, json={"password": "password123"}), 422, "password")
    answer = await nobody.post(call, json=NEW)
    assert (answer.status_code, answer.json()) == (200, {})
    # Whoever has the mail has proven nothing but that: they sign in with what they have set.
    assert "set-cookie" not in answer.headers
    assert_problem(await ann.get("/api/me"), 401)
    assert_problem(await nobody.post(call, json=NEW), 404)
    assert (await nobody.post("/api/auth/sign-in", json=PERSON | NEW)).status_code == 200


async def test_whoever_asks_learns_nothing(ann: httpx.AsyncClient, nobody: httpx.AsyncClient):
    answers = [
        await nobody.post("/api/auth/reset", json={"email": email})
        for email in (PERSON["email"], "nobody@example.org")
    ]
    assert [answer.status_code for answer in answers] == [202, 202]
    assert answers[0].content == answers[1].content
    assert dict(answers[0].headers) == dict(answers[1].headers)


@pytest.mark.parametrize("email", ["ann", "", None, 7, ["ann@example.org"]])
async def test_what_is_no_address_is_named(nobody: httpx.AsyncClient, email: object):
    assert_problem(await nobody.post("/api/auth/reset", json={"email": email}), 422, "email")


@pytest.mark.parametrize("token", ["x", "%00", "..%2f..", "é" * 100, "-" * 5000])
async def test_tokens_that_are_none(nobody: httpx.AsyncClient, token: str):
    assert_problem(await nobody.post(f"/api/auth/reset/{token}", json=NEW), 404)


async def test_a_forged_host_does_not_get_into_the_link(
    ann: httpx.AsyncClient, nobody: httpx.AsyncClient, tmp_path: Path
):
    link = await link_of(nobody, tmp_path, host="evil.example")
    assert link.startswith("http://trips.example/reset/")
