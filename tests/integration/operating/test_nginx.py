"""deploy/nginx as it is, before two real workers."""

import asyncio
import secrets
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass

import httpx
import pytest
import pytest_asyncio
from websockets.asyncio.client import connect
from websockets.typing import Origin

from tests.kit.backing import a_folder, a_postgres, a_redis
from tests.kit.cluster import two_workers
from tests.kit.feed import Feed
from tests.kit.nginx import Nginx
from tests.kit.people import COOKIE, PASSWORD, Account
from tests.kit.server import Server
from tests.kit.stream_tab import StreamTab
from tests.kit.tab import Tab

pytestmark = pytest.mark.asyncio(loop_scope="module")


@dataclass
class Site:
    """nginx and what is behind it."""

    nginx: Nginx
    workers: list[Server]

    async def connected(self) -> list[int]:
        """How many pages each worker has."""
        async with httpx.AsyncClient() as http:
            told = [(await http.get(f"{each.url}/metrics")).text for each in self.workers]
        return [
            sum(
                int(float(line.rpartition(" ")[2]))
                for line in text.splitlines()
                if line.startswith("tripchat_connections{")
            )
            for text in told
        ]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site() -> AsyncIterator[Site]:
    with a_postgres() as postgres, a_redis() as redis, a_folder() as folder:
        async with two_workers(postgres, redis) as workers:
            nginx = Nginx(folder, [worker.port for worker in workers])
            checked = nginx.check()
            assert checked.returncode == 0, checked.stderr
            with nginx.running():
                yield Site(nginx, workers)


@pytest_asyncio.fixture(loop_scope="module")
async def ana(site: Site) -> AsyncIterator[Account]:
    account = await Account.sign_up(site.nginx.url, "Ana Lima")
    yield account
    await account.close()


async def test_the_page_and_its_files(site: Site, ana: Account):
    page = await ana.http.get("/")
    assert page.status_code == 200
    assert page.headers["cache-control"] == "no-cache"
    file = page.text.partition("/assets/")[2].partition('"')[0]
    for _ in range(2):
        answer = await ana.http.get(f"/assets/{file}")
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert answer.headers["content-encoding"] == "gzip"


async def test_tabs_on_both_workers_hear_each_other(site: Site, ana: Account):
    trip = await ana.makes_trip()
    tabs = [await Tab(site.nginx.port, f"/trip/{trip}", ana.token).open() for _ in range(4)]
    tabs.append(await StreamTab(site.nginx.port, f"/trip/{trip}", ana.token).open())
    # The fewest connections are served next: nobody is bound to a worker.
    assert min(await site.connected()) >= 1
    for number, tab in enumerate(tabs):
        await tab.sends(trip, f"from {number}")
    everything = {f"from {number}" for number in range(5)}
    for tab in tabs:
        await tab.until(lambda tab=tab: set(tab.texts) == everything)
        await tab.close()


async def test_an_event_stream_is_told_at_once(site: Site, ana: Account):
    trip = await ana.makes_trip()
    async with Feed(ana, trip) as feed:
        async with asyncio.timeout(5):  # less than nothing is said for, or a buffer would fill
            for number in range(3):
                await ana.writes(trip, f"text {number}")
                await feed.until(lambda number=number: f"text {number}" in feed.texts)


async def test_a_stream_tab_is_told_at_once(site: Site, ana: Account):
    trip = await ana.makes_trip()
    tab = await StreamTab(site.nginx.port, f"/trip/{trip}", ana.token).open()
    async with asyncio.timeout(5):
        for number in range(3):
            await ana.writes(trip, f"text {number}")
            await tab.until(lambda number=number: f"text {number}" in tab.texts)
    assert tab.line.opened == 1
    await tab.close()


async def test_over_https_the_cookie_is_secure_and_sockets_are_of_the_same_origin(site: Site):
    trusted = ssl.create_default_context(cafile=str(site.nginx.certificate))
    trusted.check_hostname = False
    async with httpx.AsyncClient(base_url=site.nginx.tls_url, verify=trusted) as http:
        account = {"name": "Bo", "email": f"{secrets.token_hex(6)}@example.org"}
        answer = await http.post("/api/auth/sign-up", json={**account, "password": PASSWORD})
        assert answer.status_code == 201
        assert "; Secure" in answer.headers["set-cookie"]
        assert answer.headers["strict-transport-security"]
        trip = (await http.post("/api/trips", json={"title": "Lisbon"})).json()["trip_id"]
        invite = (await http.post(f"/api/trips/{trip}/invites", json={})).json()
        assert invite["url"].startswith(f"{site.nginx.tls_url}/join/")
        cookie = f"{COOKIE}={http.cookies[COOKIE]}"
    address = f"wss://127.0.0.1:{site.nginx.tls_port}/_event/?EIO=4&transport=websocket&token=x"
    async with connect(
        address,
        ssl=trusted,
        origin=Origin(site.nginx.tls_url),
        additional_headers={"Cookie": cookie},
    ) as socket:
        assert str(await socket.recv()).startswith("0{")


async def test_what_browsers_are_told_for_safety_comes_through_once(site: Site):
    trusted = ssl.create_default_context(cafile=str(site.nginx.certificate))
    trusted.check_hostname = False
    async with httpx.AsyncClient(verify=trusted) as http:
        for url, stay in ((site.nginx.url, []), (site.nginx.tls_url, ["max-age=31536000"])):
            for path in ("/", "/api/me", "/nowhere"):
                headers = (await http.get(url + path)).headers
                assert headers.get_list("strict-transport-security") == stay
                assert headers.get_list("x-content-type-options") == ["nosniff"]
                assert len(headers.get_list("content-security-policy")) == 1


async def test_over_http_the_cookie_is_not_secure_whatever_a_visitor_says(site: Site):
    account = {"name": "Bo", "email": f"{secrets.token_hex(6)}@example.org", "password": PASSWORD}
    forged = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "evil.example"}
    async with httpx.AsyncClient(base_url=site.nginx.url, headers=forged) as http:
        answer = await http.post("/api/auth/sign-up", json=account)
        assert "Secure" not in answer.headers["set-cookie"]
        foreign = {"Origin": "http://evil.example"}
        assert (await http.post("/api/trips", json={}, headers=foreign)).status_code == 403


async def test_bodies_are_limited_by_each_in_turn(site: Site, ana: Account):
    trip = await ana.makes_trip()
    path = f"/api/trips/{trip}/messages"
    json = {"content-type": "application/json"}
    at_tripchat = await ana.http.post(path, content=b" " * 100_000, headers=json)
    assert at_tripchat.status_code == 413
    assert at_tripchat.headers["content-type"] == "application/problem+json"
    at_nginx = await ana.http.post(path, content=b" " * 3_000_000, headers=json)
    assert at_nginx.status_code == 413
    assert at_nginx.headers["server"] == "nginx"


@pytest.mark.parametrize("path", ["/metrics", "/metrics/", "//metrics", "/x/../metrics"])
async def test_metrics_stay_inside(site: Site, path: str):
    async with httpx.AsyncClient() as http:
        answer = await http.get(site.nginx.url + path)
    assert "tripchat_" not in answer.text
    assert answer.status_code == 403 or path == "//metrics"


async def test_the_id_of_a_request_is_the_same_on_the_whole_way(site: Site, ana: Account):
    told = [(await ana.http.get("/api/me")).headers["x-request-id"] for _ in range(2)]
    assert len(set(told)) == 2
    assert all(len(each) == 32 for each in told)


async def test_when_a_worker_is_gone_the_other_one_serves(site: Site, ana: Account):
    trip = await ana.makes_trip()
    await site.workers[0].kill()
    try:
        for number in range(10):
            await ana.writes(trip, f"text {number}")
            assert (await ana.http.get("/")).status_code == 200
        tab = await Tab(site.nginx.port, f"/trip/{trip}", ana.token).open()
        await tab.until(lambda: len(tab.texts) == 10)
        await tab.close()
    finally:
        await site.workers[0].start()
    assert (await ana.http.get("/api/health")).status_code == 200
