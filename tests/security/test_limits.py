"""Who floods, guesses or tries out is stopped and told when to go on; nobody else notices."""

import asyncio
import secrets
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

import httpx
import pytest
from redis.asyncio import Redis
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from tests.e2e.intruder import NOTICE_STATE
from tests.kit.backing import a_postgres, a_redis, a_shared_storage
from tests.kit.people import PASSWORD, Account
from tests.kit.server import Server, running
from tests.kit.stream_tab import StreamTab
from tests.kit.tab import ROOT_STATE, Tab
from tests.security.site import served
from tripchat.local.redis import LocalRedis

LIMITS = {
    "TRIPCHAT_LIMITS": "on",
    "TRIPCHAT_LIMIT_SIGN_IN": "5/10 minutes",
    "TRIPCHAT_LIMIT_SIGN_IN_ACCOUNT": "8/10 minutes",
    "TRIPCHAT_LIMIT_SIGN_UP_ADDRESS": "40/10 minutes",
    "TRIPCHAT_LIMIT_SENDS": "10/10 minutes",
    "TRIPCHAT_LIMIT_CHANGES": "10/10 minutes",
    "TRIPCHAT_LIMIT_TYPING": "3/10 minutes",
    "TRIPCHAT_LIMIT_CODES": "5/10 minutes",
    "TRIPCHAT_LIMIT_CODES_ADDRESS": "8/10 minutes",
    "TRIPCHAT_LIMIT_INVITES": "5/10 minutes",
    "TRIPCHAT_LIMIT_READS": "40/10 minutes",
    "TRIPCHAT_LIMIT_OTHERS": "10/10 minutes",
}
TEN_MINUTES = 600

INVITE_STATE = f"{ROOT_STATE}.tripchat___state___invite____invite_state"
INVITE_LOOK = f"{INVITE_STATE}.look"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server where one may do very little."""
    yield from served(tmp_path_factory.mktemp("limits"), **LIMITS)


@pytest.fixture
async def ana(server: Server) -> AsyncIterator[Account]:
    """Somebody who is signed in, from an address of their own."""
    account = await from_afar(server, "Ana Lima")
    yield account
    await account.close()


@pytest.fixture
async def bo(server: Server) -> AsyncIterator[Account]:
    """Somebody else, from another one."""
    account = await from_afar(server, "Bo Berg")
    yield account
    await account.close()


async def from_afar(server: Server, name: str) -> Account:
    """Somebody new, from an address that is nobody's yet; the server believes a near proxy."""
    address = f"2001:db8:{secrets.token_hex(2)}:{secrets.token_hex(2)}::1"
    async with httpx.AsyncClient(base_url=server.url, timeout=30) as http:
        email = f"{secrets.token_hex(8)}@example.org"
        account = {"name": name, "email": email, "password": PASSWORD}
        answer = await http.post(
            "/api/auth/sign-up", json=account, headers={"X-Forwarded-For": address}
        )
        answer.raise_for_status()
        cookies = httpx.Cookies(http.cookies)
    mine = httpx.AsyncClient(
        base_url=server.url, timeout=30, cookies=cookies, headers={"X-Forwarded-For": address}
    )
    return Account(mine, answer.json()["user_id"], name, email)


def refusal(answer: httpx.Response) -> int:
    """Check that a call was refused for being too many; gives the seconds to wait."""
    assert answer.status_code == 429, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    wait = int(answer.headers["retry-after"])
    assert 0 < wait <= TEN_MINUTES
    detail = answer.json()["detail"]
    assert detail.startswith("Too many attempts. Try again in ")
    return wait


async def guess(server: Server, email: str, password: str, **headers: str) -> httpx.Response:
    """Try to sign in."""
    async with httpx.AsyncClient(base_url=server.url, timeout=30, headers=headers) as http:
        return await http.post("/api/auth/sign-in", json={"email": email, "password": password})


def at(address: str) -> dict[str, str]:
    """The header by which a near proxy says where a call comes from."""
    return {"X-Forwarded-For": address}


def tab_of(server: Server, account: Account, path: str, kind: type[Tab] = Tab) -> Tab:
    """A tab of somebody, from where they are."""
    where = {"X-Forwarded-For": account.http.headers["X-Forwarded-For"]}
    return kind(server.port, path, account.token, **where)


async def test_guessing_a_password(server: Server, ana: Account, bo: Account):
    here = at("192.0.2.1")
    for _ in range(5):
        assert (await guess(server, ana.email, "wrong", **here)).status_code == 401
    # However it is written, and also with the right one.
    assert refusal(await guess(server, f" {ana.email.upper()}", "wrong", **here)) > 500
    refusal(await guess(server, ana.email, PASSWORD, **here))
    # Ana at home gets in, and so does whoever sits beside the guesser.
    assert (await guess(server, ana.email, PASSWORD, **at("192.0.2.2"))).status_code == 200
    assert (await guess(server, bo.email, PASSWORD, **here)).status_code == 200


async def test_guessing_a_password_from_everywhere(server: Server, ana: Account):
    statuses = [
        (await guess(server, ana.email, "wrong", **at(f"192.0.2.{each}"))).status_code
        for each in range(10, 20)
    ]
    assert statuses == [401] * 8 + [429] * 2


async def test_many_guesses_at_once(server: Server, ana: Account):
    guesses = (guess(server, ana.email, "wrong", **at("192.0.2.3")) for _ in range(30))
    statuses = [answer.status_code for answer in await asyncio.gather(*guesses)]
    assert sorted(statuses) == [401] * 5 + [429] * 25


async def test_who_signs_in_often_is_no_guesser(server: Server, ana: Account):
    for _ in range(12):
        assert (await guess(server, ana.email, PASSWORD, **at("192.0.2.4"))).status_code == 200


async def test_an_account_that_is_none_is_guarded_alike(server: Server):
    statuses = [
        (await guess(server, "nobody@example.org", "wrong", **at("192.0.2.5"))).status_code
        for _ in range(6)
    ]
    assert statuses == [401] * 5 + [429]


async def test_one_address_signs_up_only_so_many(tmp_path_factory: pytest.TempPathFactory):
    few = LIMITS | {"TRIPCHAT_LIMIT_SIGN_UP_ADDRESS": "3/10 minutes"}
    async with (
        running(tmp_path_factory.mktemp("sign-up"), **few) as server,
        httpx.AsyncClient(base_url=server.url, timeout=30) as http,
    ):
        # One IPv6 address of a network is as good as another.
        answers = [
            await http.post("/api/auth/sign-up", json={}, headers=at(f"2001:db8::{each}"))
            for each in range(1, 5)
        ]
        assert [answer.status_code for answer in answers] == [422, 422, 422, 429]
        refusal(answers[-1])
        other = await http.post("/api/auth/sign-up", json={}, headers=at("2001:db8:0:1::1"))
        assert other.status_code == 422


async def test_sending_too_much(ana: Account, bo: Account):
    trip = await ana.makes_trip("Lisbon", bo)
    path = f"/api/trips/{trip}/messages"
    messages = [{"text": f"{each}", "client_id": f"flood-{each}"} for each in range(14)]
    answers = [await ana.http.post(path, json=message) for message in messages]
    assert [answer.status_code for answer in answers] == [201] * 10 + [429] * 4
    refusal(answers[-1])
    await bo.writes(trip, "I go on")
    assert len(await bo.reads(trip)) == 11


async def test_sending_too_much_over_a_socket(server: Server, ana: Account, bo: Account):
    trip = await ana.makes_trip("Lisbon", bo)
    for kind, author in ((Tab, ana), (StreamTab, bo)):
        async with tab_of(server, author, f"/trip/{trip}", kind) as tab:
            names = [await tab.sends(trip, f"{each}", run=0) for each in range(12)]
            answers = [await tab.answer_to(name) for name in names]
            assert all("seq" in answer for answer in answers[:10])
            for answer in answers[10:]:
                assert answer["status"] == 429
                assert 0 < answer["retry_after"] <= TEN_MINUTES
                assert answer["problem"].startswith("Too many attempts. Try again in ")
    assert [each["text"] for each in await ana.reads(trip)] == [f"{n}" for n in range(10)] * 2


async def test_changing_too_much(server: Server, ana: Account):
    trip = await ana.makes_trip()
    await ana.writes(trip, "Hello")
    async with tab_of(server, ana, f"/trip/{trip}") as tab:
        for each in range(10):
            await tab.answer_to(await tab.reacts(trip, 1, "🎉", each % 2 == 0))
        refused = await tab.answer_to(await tab.reacts(trip, 1, "👍"))
        assert refused["status"] == 429
        await tab.until(lambda: "Too many attempts" in str(tab.var(NOTICE_STATE, "text")))
    refusal(await ana.http.put(f"/api/trips/{trip}/messages/1", json={"text": "Bye"}))
    refusal(await ana.http.delete(f"/api/trips/{trip}/messages/1"))


async def test_typing_too_much_is_dropped_without_a_word(server: Server, ana: Account, bo: Account):
    trip = await ana.makes_trip("Lisbon", bo)
    async with (
        tab_of(server, ana, f"/trip/{trip}") as tab,
        tab_of(server, bo, f"/trip/{trip}") as other,
    ):
        for _ in range(10):
            await tab.types()
        await tab.answer_to(await tab.sends(trip, "Done"))
        await other.until(lambda: other.texts == ["Done"])
        await other.until(lambda: not other.typing)
        await tab.types()
        await tab.answer_to(await tab.sends(trip, "Done again"))
        await other.until(lambda: other.texts == ["Done", "Done again"])
        assert not other.typing
        assert not tab.var(NOTICE_STATE, "text")


async def test_trying_out_invites(server: Server, ana: Account, bo: Account):
    trip = await ana.makes_trip()
    code = await ana.invites_to(trip)
    for _ in range(5):
        tried = await bo.http.post(f"/api/invites/{secrets.token_urlsafe(9)}/accept", json={})
        assert tried.status_code in (404, 410)
    refusal(await bo.http.post(f"/api/invites/{code}/accept", json={}))
    # To look at one, nobody has to be signed in.
    async with tab_of(server, bo, f"/join/{code}") as tab:
        for _ in range(3):
            await tab.call(INVITE_LOOK)
        await tab.until(lambda: "Too many attempts" in str(tab.var(INVITE_STATE, "problem")))


async def test_other_things_done_too_often(ana: Account):
    trip = await ana.makes_trip()
    calls = [
        ("POST", f"/api/trips/{trip}/invites", 5),
        ("PUT", "/api/me", 9),  # making the trip was one of them
        ("GET", "/api/trips", 40),
    ]
    for method, path, allowed in calls:
        answers = [await ana.http.request(method, path, json={}) for _ in range(allowed)]
        assert 429 not in [answer.status_code for answer in answers]
        refusal(await ana.http.request(method, path, json={}))


async def test_opening_too_many_connections(tmp_path_factory: pytest.TempPathFactory):
    few = LIMITS | {"TRIPCHAT_LIMIT_CONNECTIONS_ADDRESS": "3/10 minutes"}
    async with running(tmp_path_factory.mktemp("connections"), **few) as server:
        ana = await from_afar(server, "Ana Lima")
        address = f"ws://127.0.0.1:{server.port}/_event/?EIO=4&transport=websocket&token=x"
        here = at("192.0.2.1")
        for _ in range(3):
            async with connect(address, additional_headers=here) as socket:
                assert str(await socket.recv()).startswith("0{")
        with pytest.raises(InvalidStatus) as refused:
            await connect(address, additional_headers=here)
        assert refused.value.response.status_code == 429
        assert 0 < int(refused.value.response.headers["retry-after"]) <= TEN_MINUTES
        async with httpx.AsyncClient(base_url=server.url, headers=here) as http:
            refusal(await http.get("/api/events?EIO=4&transport=stream"))
        async with tab_of(server, ana, "/"):
            pass
        await ana.close()


# Whose address it is.


async def test_a_visitor_cannot_say_where_they_come_from(tmp_path_factory: pytest.TempPathFactory):
    alone = LIMITS | {"TRIPCHAT_PROXIES": "192.0.2.99"}
    async with running(tmp_path_factory.mktemp("alone"), **alone) as server:
        forged = [at(f"192.0.2.{each}") for each in range(6)]
        statuses = [
            (await guess(server, "a@example.org", "wrong", **each)).status_code for each in forged
        ]
        assert statuses == [401] * 5 + [429]


async def test_what_a_visitor_said_to_the_proxy_does_not_count(server: Server):
    # A proxy adds where the call came from to whatever stood there before.
    guesses = [f"192.0.2.{each}, 203.0.113.1" for each in range(6)]
    statuses = [
        (await guess(server, "b@example.org", "wrong", **at(each))).status_code for each in guesses
    ]
    assert statuses == [401] * 5 + [429]
    # And whoever was named there has done nothing.
    assert (await guess(server, "b@example.org", "wrong", **at("192.0.2.1"))).status_code == 401


# Others.


async def test_nobody_else_is_slowed_by_a_flood(server: Server, ana: Account, bo: Account):
    trip = await bo.makes_trip("Lisbon", ana)
    stopped = asyncio.Event()

    async def flood() -> int:
        refused = 0
        while not stopped.is_set():
            answer = await ana.http.post(f"/api/trips/{trip}/messages", json={"text": "flood"})
            refused += answer.status_code == 429
        return refused

    flooding = [asyncio.create_task(flood()) for _ in range(10)]
    took: list[float] = []
    for each in range(10):
        began = time.perf_counter()
        await bo.writes(trip, f"{each}")
        took.append(time.perf_counter() - began)
    stopped.set()
    refused = sum(await asyncio.gather(*flooding))
    assert refused > 10
    assert max(took) < 10
    written = await bo.reads(trip)
    assert sum(each["author_id"] == bo.user_id for each in written) == 10


# Two workers.


@dataclass
class Several:
    """Two workers of one site, whose Redis can be away."""

    workers: list[Server]
    redis: LocalRedis

    @property
    def outages(self) -> int:
        """How often a worker has not waited for Redis any longer: a busy machine is slow."""
        return sum(
            each.output().count("counted by each worker for itself") for each in self.workers
        )


@pytest.fixture(scope="module")
def several(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Several]:
    """Two workers, and what they share."""
    with a_postgres() as postgres, a_redis() as redis, a_shared_storage(postgres) as shared:
        few = {"TRIPCHAT_LIMIT_SENDS": "50/10 minutes"}
        environment = shared | LIMITS | few | {"TRIPCHAT_REDIS_URL": redis.url}
        workers = [Server(tmp_path_factory.mktemp("worker"), **environment) for _ in range(2)]
        for each in workers:
            asyncio.run(each.start())
        yield Several(workers, redis)
        for each in workers:
            asyncio.run(each.stop())
            assert each.complaints() == []


async def guesses(several: Several, email: str, times: int) -> list[int]:
    """The statuses of guesses at one worker after the other."""
    return [
        (await guess(several.workers[n % 2], email, "wrong", **at("192.0.2.1"))).status_code
        for n in range(times)
    ]


async def sends_by_turns(several: Several, trip: str, account: Account, times: int) -> int:
    """Send through one worker after the other; gives how many were stored."""
    stored = 0
    for n in range(times):
        url = f"{several.workers[n % 2].url}/api/trips/{trip}/messages"
        answer = await account.http.post(url, json={"text": "x", "client_id": f"turn-{n}"})
        assert answer.status_code in (201, 429)
        stored += answer.status_code == 201
    return stored


async def test_two_workers_count_guesses_together(several: Several):
    assert await guesses(several, "c@example.org", 8) == [401] * 5 + [429] * 3


async def test_two_workers_count_what_is_sent_together(several: Several):
    ana = await from_afar(several.workers[0], "Ana Lima")
    trip = await ana.makes_trip()
    before = several.outages
    stored = await sends_by_turns(several, trip, ana, 100)
    # A tenth more for each of the two, and what each lets pass within a tenth of a second.
    most = 50 + 10 + 20 if several.outages == before else 100
    assert 50 <= stored <= most
    assert await sends_by_turns(several, trip, ana, 20) == 0
    await ana.close()


async def test_redis_is_not_told_who_does_what(several: Several):
    ana = await from_afar(several.workers[0], "Ana Lima")
    await guesses(several, ana.email, 1)
    redis = Redis.from_url(several.redis.url)
    keys = b"\n".join(await redis.keys("*"))
    await redis.aclose()
    assert keys.count(b"tripchat:limits:") >= 3
    for secret in (ana.email, ana.user_id, "192.0.2.1", "sign_in"):
        assert secret.encode() not in keys
    await ana.close()


async def test_without_redis_each_worker_counts_for_itself(several: Several):
    several.redis.stop()
    try:
        began = time.perf_counter()
        assert await guesses(several, "d@example.org", 14) == [401] * 10 + [429] * 4
        assert time.perf_counter() - began < 10
        ana = await from_afar(several.workers[0], "Ana Lima")
        trip = await ana.makes_trip()
        assert await sends_by_turns(several, trip, ana, 110) == 100
        await ana.close()
    finally:
        several.redis.start()
