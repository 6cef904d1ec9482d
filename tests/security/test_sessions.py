"""Cookies that were planted, stolen or kept too long, and tokens that prove nothing."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterator
from http.cookies import SimpleCookie
from pathlib import Path

import httpx
import pytest

from tests.integration.api.conftest import NewClient, assert_problem
from tests.integration.realtime.conftest import served
from tests.kit.feed import Feed
from tests.kit.people import COOKIE, PASSWORD, Account
from tests.kit.server import Server
from tests.kit.stream_tab import StreamTab
from tests.kit.tab import SESSION_STATE, Tab, tab_of
from tripchat import clock

PERSON = {"name": "Ann", "email": "ann@example.org", "password": PASSWORD}
PLANTED = [
    "x",
    "a" * 43,
    "V6T-4jEu3ZibYYR9Lbc3XL-QtYBH97AsjRdtxGQqY-Q",
    "' OR 1=1 --",
    "../../secret.key",
    "%00",
    "A" * 3000,
]


@pytest.fixture(scope="module")
def site(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """A site that people sign in to in earnest."""
    yield from served(request, tmp_path_factory.mktemp("sessions"), TRIPCHAT_LIMITS="false")


@pytest.fixture
async def ana(site: Server) -> AsyncIterator[Account]:
    """Somebody with an account."""
    account = await Account.sign_up(site.url, "Ana")
    yield account
    await account.close()


# Fixation: whoever plants a cookie in a browser must not know what it is signed in with.


@pytest.mark.parametrize("planted", PLANTED)
@pytest.mark.parametrize("way", ["sign-up", "sign-in"])
async def test_a_planted_token_is_never_signed_in(
    client: httpx.AsyncClient, new_client: NewClient, planted: str, way: str
) -> None:
    if way == "sign-in":
        await (await new_client()).post("/api/auth/sign-up", json=PERSON)
    headers = {"cookie": f"{COOKIE}={planted}"}
    answer = await client.post(f"/api/auth/{way}", json=PERSON, headers=headers)
    assert answer.is_success
    given = SimpleCookie(answer.headers["set-cookie"])[COOKIE].value
    assert given != planted
    assert len(given) >= 43
    attacker = await new_client()
    assert_problem(await attacker.get("/api/me", headers=headers), 401)


async def test_every_sign_in_has_a_token_of_its_own_and_ends_the_one_before(
    client: httpx.AsyncClient, new_client: NewClient
) -> None:
    await client.post("/api/auth/sign-up", json=PERSON)
    seen: set[str] = set()
    for _ in range(3):
        before = client.cookies[COOKIE]
        seen.add(before)
        assert (await client.post("/api/auth/sign-in", json=PERSON)).is_success
        attacker = await new_client()
        attacker.cookies.set(COOKIE, before)
        assert_problem(await attacker.get("/api/me"), 401)
    assert client.cookies[COOKIE] not in seen
    assert len(seen) == 3


async def test_an_attackers_own_session_planted_in_a_browser_ends_when_its_person_signs_in(
    client: httpx.AsyncClient, new_client: NewClient
) -> None:
    attacker, victim = await new_client(), client
    await attacker.post("/api/auth/sign-up", json={**PERSON, "email": "eve@example.org"})
    victim.cookies.set(COOKIE, attacker.cookies[COOKIE], "trips.example")
    await victim.post("/api/auth/sign-up", json=PERSON)
    assert (await victim.get("/api/me")).json()["email"] == PERSON["email"]
    assert_problem(await attacker.get("/api/me"), 401)


async def test_a_sign_in_that_fails_ends_nothing(client: httpx.AsyncClient) -> None:
    await client.post("/api/auth/sign-up", json=PERSON)
    before = client.cookies[COOKIE]
    answer = await client.post("/api/auth/sign-in", json={**PERSON, "password": "wrong horse"})
    assert_problem(answer, 401)
    assert "set-cookie" not in answer.headers
    assert client.cookies[COOKIE] == before
    assert (await client.get("/api/me")).is_success


@pytest.mark.parametrize("where", ["query", "header", "body", "bearer"])
async def test_a_token_counts_only_as_a_cookie(
    client: httpx.AsyncClient, new_client: NewClient, where: str
) -> None:
    """What stands in an address or a form could be put there by a link."""
    await client.post("/api/auth/sign-up", json=PERSON)
    token = client.cookies[COOKIE]
    other = await new_client()
    asked = {
        "query": other.get("/api/me", params={COOKIE: token, "token": token}),
        "header": other.get("/api/me", headers={"X-Session": token, COOKIE: token}),
        "body": other.put("/api/me", json={"name": "Eve", COOKIE: token}),
        "bearer": other.get("/api/me", headers={"Authorization": f"Bearer {token}"}),
    }
    answers = {name: await answer for name, answer in asked.items()}
    assert_problem(answers[where], 401)


@pytest.mark.parametrize("call", ["sign-up", "sign-in", "password"])
@pytest.mark.parametrize("https", [False, True])
async def test_the_cookie_is_kept_from_scripts_other_sites_and_the_open_network(
    client: httpx.AsyncClient, call: str, https: bool
) -> None:
    headers = {"x-forwarded-proto": "https"} if https else {}
    answer = await client.post("/api/auth/sign-up", json=PERSON, headers=headers)
    if call == "sign-in":
        answer = await client.post("/api/auth/sign-in", json=PERSON, headers=headers)
    elif call == "password":
        client.cookies.set(COOKIE, SimpleCookie(answer.headers["set-cookie"])[COOKIE].value)
        given = {"password": PASSWORD, "new_password": "seven green umbrellas"}
        answer = await client.put("/api/me/password", json=given, headers=headers)
    assert answer.is_success
    cookie = SimpleCookie(answer.headers["set-cookie"])[COOKIE]
    assert cookie["httponly"]
    assert cookie["samesite"].lower() == "lax"
    assert cookie["path"] == "/"
    assert not cookie["domain"]
    assert bool(cookie["secure"]) is https


# Theft: whoever has somebody's cookie loses it with what its person does against that.


async def test_a_stolen_cookie_dies_with_what_it_has_opened(site: Server, ana: Account) -> None:
    trip = await ana.makes_trip("Lisbon")
    path = f"/trip/{trip}"
    for ending in ("sign out", "sign out there", "another password"):
        phone = await ana.on_another_device()
        stolen = phone.token
        async with (
            tab_of(site, phone, path) as socket,
            StreamTab(site.port, path, stolen) as stream,
            Feed(phone, trip) as feed,
        ):
            if ending == "sign out":
                await phone.posts("/api/auth/sign-out", {})
            elif ending == "sign out there":
                (await ana.http.delete("/api/me/sessions")).raise_for_status()
            else:
                await phone.changes_password("seven green umbrellas")
            for tab in (socket, stream):
                await tab.until(lambda: tab.closed)  # noqa: B023
            await feed.until(lambda: feed.ended)
        async with httpx.AsyncClient(base_url=site.url, cookies={COOKIE: stolen}) as thief:
            assert_problem(await thief.get("/api/me"), 401)
        async with Tab(site.port, path, stolen) as again:
            assert not again.var(SESSION_STATE, "user_id"), ending
            assert not again.room["messages"]
        await phone.close()


async def test_between_the_end_of_a_session_and_of_its_socket_nothing_can_be_done(
    site: Server, ana: Account
) -> None:
    """A browser that gets another session has a moment to come back: its old socket is deaf."""
    trip = await ana.makes_trip("Lisbon")
    async with tab_of(site, ana, f"/trip/{trip}") as stolen:
        await ana.changes_password("seven green umbrellas")
        if not stolen.closed:
            for number in range(5):
                await stolen.sends(trip, f"by the thief {number}")
        await stolen.until(lambda: stolen.closed)
    assert await ana.reads(trip) == []


async def test_what_the_list_of_devices_calls_a_session_opens_nothing(
    site: Server, ana: Account
) -> None:
    [device] = (await ana.http.get("/api/me/sessions")).json()
    assert ana.token not in str(device)
    cookies = {COOKIE: device["session_id"]}
    async with httpx.AsyncClient(base_url=site.url, cookies=cookies) as thief:
        assert_problem(await thief.get("/api/me"), 401)


async def test_somebody_elses_device_cannot_be_signed_out(site: Server, ana: Account) -> None:
    eve = await Account.sign_up(site.url, "Eve")
    [device] = (await ana.http.get("/api/me/sessions")).json()
    for name in (device["session_id"], "*", "%", "x' OR 'x'='x"):
        assert_problem(await eve.http.delete(f"/api/me/sessions/{name}"), 404)
    assert (await ana.http.get("/api/me")).is_success
    await eve.close()


# Reflex's client token: it names a tab's state, and anybody can repeat it.


async def test_somebody_elses_client_token_brings_nothing_of_theirs(
    site: Server, ana: Account
) -> None:
    trip = await ana.makes_trip("Secret island")
    eve = await Account.sign_up(site.url, "Eve")
    for cookie in ("", eve.token):
        async with tab_of(site, ana, "/account") as mine:
            async with Tab(site.port, f"/trip/{trip}", cookie, mine.token) as other:
                expected = eve.user_id if cookie else None
                assert (other.var(SESSION_STATE, "user_id") or None) == expected
                assert not any(
                    word in frame
                    for frame in other.heard
                    for word in (ana.email, "Secret island", ana.user_id)
                )
            assert not mine.closed
    await eve.close()


# Time.


@pytest.mark.only("sqlite")
async def test_the_sockets_of_a_session_do_not_outlive_it(site: Server, ana: Account) -> None:
    trip = await ana.makes_trip("Lisbon")
    ends_at = clock.now() + 3 * clock.SECOND
    _sql(site.database, "UPDATE session SET expires_at = ? WHERE user_id = ?", ends_at, ana.user_id)
    async with (
        tab_of(site, ana, f"/trip/{trip}") as socket,
        StreamTab(site.port, f"/trip/{trip}", ana.token) as stream,
        asyncio.timeout(12),
    ):
        for tab in (socket, stream):
            await tab.until(lambda: tab.closed)  # noqa: B023
    assert clock.now() >= ends_at
    assert_problem(await ana.http.get("/api/me"), 401)


@pytest.mark.only("sqlite")
async def test_a_cookie_that_nobody_used_for_long_opens_nothing(site: Server, ana: Account) -> None:
    long_ago = clock.now() - 14 * clock.DAY - clock.SECOND
    _sql(
        site.database,
        "UPDATE session SET last_seen_at = ? WHERE user_id = ?",
        long_ago,
        ana.user_id,
    )
    assert_problem(await ana.http.get("/api/me"), 401)
    async with tab_of(site, ana, "/account") as tab:
        assert not tab.var(SESSION_STATE, "user_id")


def _sql(database: Path, statement: str, *values: object) -> None:
    with sqlite3.connect(database) as connection:
        connection.execute(statement, values)
    connection.close()
