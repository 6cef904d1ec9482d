"""Guessing passwords, finding out who has an account, and links for a new password."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select

from tests.integration.api.conftest import assert_problem
from tests.integration.conftest import dump
from tests.integration.realtime.conftest import served
from tests.kit.mailbox import mails_to, reset_links
from tests.kit.people import PASSWORD, Account
from tests.kit.server import Server
from tests.kit.tab import ROOT_STATE, Tab
from tripchat import db
from tripchat.models import PasswordReset
from tripchat.services import passwords, resets

PERSON = {"name": "Ann", "email": "ann@example.org", "password": PASSWORD}
NEW = {"password": "seven green umbrellas"}
RESET_STATE = f"{ROOT_STATE}.tripchat___state___reset____reset_state"
ROUNDS = 15


@pytest.fixture(scope="module")
def site(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """A site that people reach directly, without a setting for its address."""
    quiet = {"TRIPCHAT_LIMITS": "false", "TRIPCHAT_LOG": "json", "TRIPCHAT_LOG_LEVEL": "debug"}
    yield from served(request, tmp_path_factory.mktemp("passwords"), **quiet)


@pytest.fixture
async def ana(site: Server) -> AsyncIterator[Account]:
    """Somebody with an account."""
    account = await Account.sign_up(site.url, "Ana")
    yield account
    await account.close()


@pytest.fixture
async def ann(client: httpx.AsyncClient) -> httpx.AsyncClient:
    """Somebody who has signed up."""
    (await client.post("/api/auth/sign-up", json=PERSON)).raise_for_status()
    return client


# Who has an account?


async def seconds_of(
    http: httpx.AsyncClient, path: str, bodies: list[dict[str, str]]
) -> list[float]:
    """How long each of some calls takes, turn by turn: the middle of all rounds."""
    took: list[list[float]] = [[] for _ in bodies]
    for _ in range(ROUNDS):
        for each, body in zip(took, bodies, strict=True):
            began = time.perf_counter()
            await http.post(path, json=body)
            each.append(time.perf_counter() - began)
    return [statistics.median(each) for each in took]


async def test_a_sign_in_takes_as_long_for_nobody_as_for_somebody(
    site: Server, ana: Account
) -> None:
    async with httpx.AsyncClient(base_url=site.url) as eve:
        wrong = {"password": "wrong horse battery"}
        bodies = [{"email": email, **wrong} for email in (ana.email, "nobody@example.org")]
        somebody, nobody = await seconds_of(eve, "/api/auth/sign-in", bodies)
    # A hash takes far longer than anything else here: without one for nobody it would be nothing.
    assert 0.5 < nobody / somebody < 2


async def test_asking_for_a_link_takes_no_longer_for_somebody(site: Server, ana: Account) -> None:
    async with httpx.AsyncClient(base_url=site.url) as eve:
        bodies = [{"email": email} for email in (ana.email, "nobody@example.org")]
        somebody, nobody = await seconds_of(eve, "/api/auth/reset", bodies)
    assert abs(somebody - nobody) < 0.03


async def test_nobody_waits_for_the_mail_or_the_lookup(
    ann: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What follows an asking depends on who has an account; the answer is given before that."""
    began = asyncio.Event()
    may_go_on = asyncio.Event()

    async def slow(address: str) -> None:
        began.set()
        await may_go_on.wait()

    monkeypatch.setattr(resets, "_made_for", slow)
    answer = await ann.post("/api/auth/reset", json={"email": PERSON["email"]})
    assert answer.status_code == 202
    await began.wait()
    # Nor does the next call on the same connection wait.
    assert (await ann.get("/api/me")).is_success
    may_go_on.set()
    await resets.drain()


async def test_the_same_is_said_whoever_asks_about_whom(site: Server, ana: Account) -> None:
    async with httpx.AsyncClient(base_url=site.url) as eve:
        answers = [
            await eve.post("/api/auth/reset", json={"email": email})
            for email in (ana.email, "nobody@example.org", ana.email.upper())
        ]
    assert {(answer.status_code, answer.content) for answer in answers} == {(202, b"{}")}


# Links.


async def token_for(site: Server, ana: Account, **headers: str) -> str:
    async with httpx.AsyncClient(base_url=site.url, headers=headers) as anybody:
        (await anybody.post("/api/auth/reset", json={"email": ana.email})).raise_for_status()
    [link] = await reset_links(site.data, ana.email)
    assert link.startswith(f"http://127.0.0.1:{site.port}/reset/")
    return link.rpartition("/")[2]


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1:1", "evil.example/@x", "localhost.evil.example"]
)
async def test_a_forged_host_does_not_lead_the_link_elsewhere(
    site: Server, ana: Account, host: str
) -> None:
    assert await token_for(site, ana, Host=host)
    [mail] = mails_to(site.data, ana.email)
    assert "evil" not in mail.get_content()


@pytest.mark.parametrize("header", ["X-Forwarded-Host", "X-Forwarded-Proto", "Forwarded"])
async def test_a_forged_proxy_gets_no_link_sent(site: Server, ana: Account, header: str) -> None:
    async with httpx.AsyncClient(base_url=site.url) as eve:
        forged = {header: "https" if header.endswith("Proto") else "host=evil.example"}
        asked = {"email": ana.email}
        answer = await eve.post("/api/auth/reset", json=asked, headers=forged)
        assert answer.status_code == 202
        # Its own person's asking, afterwards, has the only link.
        assert await token_for(site, ana)


async def test_a_link_works_once_even_for_two_at_once(site: Server, ana: Account) -> None:
    token = await token_for(site, ana)
    async with httpx.AsyncClient(base_url=site.url) as eve:
        path = f"/api/auth/reset/{token}"
        answers = await asyncio.gather(
            *(eve.post(path, json={"password": f"seven green umbrellas {n}"}) for n in range(4))
        )
        assert sorted(answer.status_code for answer in answers) == [200, 404, 404, 404]
        assert_problem(await eve.post(path, json=NEW), 404)
    assert_problem(await ana.http.get("/api/me"), 401)


async def test_looking_at_a_link_tells_whether_it_works_and_nothing_else(
    site: Server, ana: Account
) -> None:
    """Programs that look at mails open their links: that must not use them up."""
    token = await token_for(site, ana)
    for standing, path in (("works", token), ("gone", "nonsense"), ("works", token)):
        async with Tab(site.port, f"/reset/{path}") as tab:
            await tab.until(lambda: tab.var(RESET_STATE, "standing"))
            assert tab.var(RESET_STATE, "standing") == standing
            for frame in tab.heard:
                assert ana.email not in frame
                assert ana.user_id not in frame


async def test_no_token_and_no_address_gets_into_the_log(site: Server, ana: Account) -> None:
    token = await token_for(site, ana)
    async with httpx.AsyncClient(base_url=site.url) as anybody:
        await anybody.get(f"/reset/{token}")
        await anybody.get(f"/api/auth/reset/{token}")
        async with Tab(site.port, f"/reset/{token}"):
            pass
        await anybody.post(f"/api/auth/reset/{token}", json={"password": "password123"})
        (await anybody.post(f"/api/auth/reset/{token}", json=NEW)).raise_for_status()
        await anybody.post(f"/api/auth/reset/{token}", json=NEW)
    log = site.output()
    assert "/api/auth/reset/{token}" in log
    for secret in (token, ana.email, NEW["password"], "password123"):
        assert secret not in log


async def test_the_pages_address_is_told_to_nobody(site: Server) -> None:
    async with httpx.AsyncClient(base_url=site.url) as anybody:
        for path in ("/reset/some-token", "/join/some-code"):
            answer = await anybody.get(path)
            assert answer.status_code == 200
            assert answer.headers["referrer-policy"] == "no-referrer"


async def test_whoever_reads_the_database_gets_nowhere(
    ann: httpx.AsyncClient, tmp_path: Path
) -> None:
    await ann.post("/api/auth/reset", json={"email": PERSON["email"]})
    [link] = await reset_links(tmp_path, PERSON["email"])
    token = link.rpartition("/")[2]
    stored = str(await dump())
    for secret in (token, ann.cookies["tripchat_session"], PASSWORD):
        assert secret not in stored
    async with db.reading() as session:
        [reset] = await session.scalars(select(PasswordReset))
    assert_problem(await ann.post(f"/api/auth/reset/{reset.id}", json=NEW), 404)


# Guessing.


async def test_the_current_password_is_asked_of_whoever_has_only_the_cookie(
    ann: httpx.AsyncClient,
) -> None:
    for wrong in ("", "wrong horse", PASSWORD.upper(), PASSWORD + " "):
        given = {"password": wrong, "new_password": NEW["password"]}
        assert_problem(await ann.put("/api/me/password", json=given), 422, "password")
    assert_problem(
        await ann.put("/api/me/password", json={"new_password": NEW["password"]}), 422, "password"
    )
    assert (await ann.post("/api/auth/sign-in", json=PERSON)).is_success


async def test_hashes_and_judgements_do_not_keep_others_waiting(
    ann: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A slow hash, as on a slow machine: the event loop turns meanwhile."""
    hashing = passwords._hasher.hash

    class Slow:
        def hash(self, password: str) -> str:
            time.sleep(1)
            return hashing(password)

        def verify(self, stored: str, password: str) -> bool:
            time.sleep(1)
            return True

    monkeypatch.setattr(passwords, "_hasher", Slow())
    hard = {"password": "4@8({[<369!17|0$+%2" * 3, "name": "Bo", "email": "bo@example.org"}
    signing_up = asyncio.gather(
        ann.post("/api/auth/sign-up", json=hard), ann.post("/api/auth/sign-in", json=PERSON)
    )
    longest = 0.0
    while not signing_up.done():
        began = time.perf_counter()
        await asyncio.sleep(0.001)
        longest = max(longest, time.perf_counter() - began)
    assert all(answer.is_success for answer in await signing_up)
    assert longest < 0.8
