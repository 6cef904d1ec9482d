"""Which pages may act for a visitor: our own, those that the settings name, and no others."""

import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus
from websockets.typing import Origin

from tests.kit.people import COOKIE, Account
from tests.kit.server import Server
from tests.security.site import served
from tripchat.api.endpoint import READING, Call
from tripchat.api.routes import routes
from tripchat.local.process import free_port

in_a_browser = pytest.mark.asyncio(loop_scope="session")

EVIL = "https://evil.example"
FRIEND = f"http://127.0.0.1:{free_port()}"
STRANGER = f"http://127.0.0.1:{free_port()}"
"""Both of the server's site, so that browsers send the cookie along, and of other origins."""
FAR = STRANGER.replace("127.0.0.1", "localhost")
"""Of another site."""

FOREIGN: list[dict[str, str]] = [
    {"Origin": EVIL},
    {"Origin": "null"},
    {"Origin": STRANGER},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
]
FOREIGN_NAMES = ["a site", "null", "another port", "cross-site", "same-site"]

CHANGING = [
    (method, call.path)
    for call in routes
    if isinstance(call, Call)
    for method in sorted((call.methods or set()) - READING)
]

CALL = """async ([method, url, headers]) => {
  const body = method === "GET" ? undefined : JSON.stringify({ title: "Forged" });
  try {
    const answer = await fetch(url, { method, headers, body, credentials: "include" });
    return [answer.status, await answer.text()];
  } catch { return null }
}"""

SIMPLE = """url => fetch(url, {
  method: "POST", mode: "no-cors", credentials: "include",
  headers: { "Content-Type": "text/plain" }, body: '{"title": "Forged"}',
}).then(() => null, () => null)"""

SOCKET = """url => new Promise((resolve) => {
  const socket = new WebSocket(url);
  socket.onmessage = ({ data }) => resolve(data[0]);
  socket.onerror = () => resolve("refused");
})"""

STREAM = """url => new Promise((resolve) => {
  const stream = new EventSource(url, { withCredentials: true });
  stream.onopen = () => resolve("open");
  stream.onerror = () => resolve("refused");
})"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that has one friend."""
    folder = tmp_path_factory.mktemp("origins")
    yield from served(folder, TRIPCHAT_CORS_ORIGINS=FRIEND)


@pytest.fixture
async def ana(server: Server) -> AsyncIterator[Account]:
    """Somebody who is signed in."""
    account = await Account.sign_up(server.url, "Ana Lima")
    yield account
    await account.close()


def permissions(answer: httpx.Response) -> dict[str, str]:
    """What the answer allows pages of other origins."""
    return {
        name.removeprefix("access-control-"): value
        for name, value in answer.headers.items()
        if name.startswith("access-control-")
    }


@pytest.mark.parametrize("headers", FOREIGN, ids=FOREIGN_NAMES)
async def test_no_other_page_changes_anything(ana: Account, headers: dict[str, str]):
    assert len(CHANGING) > 10
    for method, path in CHANGING:
        answer = await ana.http.request(method, path, headers=headers, json={})
        assert answer.status_code == 403, f"{method} {path}"
        assert answer.json()["detail"] == "This call comes from a page of another site."
        assert permissions(answer) == {}
    assert (await ana.http.get("/api/me")).status_code == 200


@pytest.mark.parametrize("headers", FOREIGN, ids=FOREIGN_NAMES)
async def test_no_other_page_listens(ana: Account, headers: dict[str, str]):
    trip = await ana.makes_trip()
    events = f"/api/trips/{trip}/events"
    for path in (events, f"{events}?EIO=4&transport=stream", "/api/events?EIO=4&transport=stream"):
        answer = await ana.http.get(path, headers=headers)
        assert answer.status_code == 403
        assert permissions(answer) == {}


async def test_what_other_pages_may_load_they_cannot_read(ana: Account):
    answer = await ana.http.get("/api/me", headers={"Origin": EVIL})
    assert permissions(answer) == {}
    assert answer.headers["cross-origin-resource-policy"] == "same-origin"


@pytest.mark.parametrize("body", [b'{"title": "Forged"}', b"title=Forged"])
@pytest.mark.parametrize(
    "media_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""]
)
async def test_what_forms_can_send_is_no_call(ana: Account, media_type: str, body: bytes):
    headers = {"Content-Type": media_type} if media_type else {}
    answer = await ana.http.post("/api/trips", content=body, headers=headers)
    assert answer.status_code == 400
    assert (await ana.http.get("/api/trips")).json() == []


async def opens(server: Server, account: Account, origin: str | None, **headers: str) -> bool:
    """Whether a socket can be opened from there."""
    address = f"ws://127.0.0.1:{server.port}/_event/?EIO=4&transport=websocket&token=x"
    cookie = {"Cookie": f"{COOKIE}={account.token}"}
    try:
        async with connect(
            address, origin=Origin(origin) if origin else None, additional_headers=cookie | headers
        ) as socket:
            return str(await socket.recv()).startswith("0{")
    except InvalidStatus as refused:
        assert refused.response.status_code in (400, 403)
        return False


async def test_sockets_open_for_our_own_pages_friends_and_programs(server: Server, ana: Account):
    for origin in (server.url, FRIEND, None):
        assert await opens(server, ana, origin)
    port = f":{server.port}"
    other_host = server.url.replace("127.0.0.1", "localhost")
    for origin in (EVIL, "null", STRANGER, server.url.removesuffix(port), other_host, "file://"):
        assert not await opens(server, ana, origin)


async def test_a_host_that_a_proxy_says_is_ours(server: Server, ana: Account):
    """Whoever can say so is no page: browsers let none set these headers for another site."""
    forwarded = {"X-Forwarded-Host": "trips.example", "X-Forwarded-Proto": "https"}
    assert await opens(server, ana, "https://trips.example", **forwarded)
    assert not await opens(server, ana, EVIL, **forwarded)


async def test_a_friend_is_told_what_it_may(ana: Account):
    from_friend = {"Origin": FRIEND}
    answer = await ana.http.post("/api/trips", json={"title": "Oslo"}, headers=from_friend)
    assert answer.status_code == 201
    assert permissions(answer) == {
        "allow-origin": FRIEND,
        "allow-credentials": "true",
        "expose-headers": "Content-Range, Retry-After, X-Request-Id",
    }
    assert "Origin" in answer.headers["vary"]
    asks = {"Access-Control-Request-Method": "PUT"}
    asked = await ana.http.options("/api/trips", headers=from_friend | asks)
    assert asked.status_code == 204
    assert permissions(asked)["allow-origin"] == FRIEND
    assert "PUT" in permissions(asked)["allow-methods"]


# In a browser.


@pytest_asyncio.fixture(loop_scope="session")
async def victim(server: Server) -> AsyncIterator[Account]:
    """Somebody who is signed in, and looks at other pages as well."""
    account = await Account.sign_up(server.url, "Vic Tim")
    yield account
    await account.close()


class EmptyPage(BaseHTTPRequestHandler):
    """A site that has nothing to show."""

    def do_GET(self) -> None:
        """Answer any address with an empty page."""
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing of it."""


@contextmanager
def an_empty_page(origin: str) -> Iterator[None]:
    """Serve it at this origin. A page that a test only pretends to load could call nobody."""
    with ThreadingHTTPServer(("127.0.0.1", urlsplit(origin).port or 0), EmptyPage) as site:
        thread = threading.Thread(target=site.serve_forever)
        thread.start()
        try:
            yield
        finally:
            site.shutdown()
            thread.join()


@pytest_asyncio.fixture(loop_scope="session")
async def page(server: Server, victim: Account, browser: Browser) -> AsyncIterator[Page]:
    """Their browser."""
    context = await browser.new_context()
    await context.add_cookies([{"name": COOKIE, "value": victim.token, "url": server.url}])
    page = await context.new_page()
    with an_empty_page(FRIEND), an_empty_page(STRANGER):
        yield page
    await context.close()


async def tries(page: Page, server: Server, trip: str) -> dict[str, Any]:
    """What a page gets that calls, opens a socket and listens for its visitor."""
    socket = f"ws://127.0.0.1:{server.port}/_event/?EIO=4&transport=websocket&token=x"
    trips, json = f"{server.url}/api/trips", {"Content-Type": "application/json"}
    forged = json | {"X-Forwarded-Host": page.url.split("/")[2]}
    return {
        "reads": await page.evaluate(CALL, ["GET", trips, {}]),
        "posts": await page.evaluate(CALL, ["POST", trips, json]),
        "forges": await page.evaluate(CALL, ["POST", trips, forged]),
        "posts blindly": await page.evaluate(SIMPLE, trips),
        "socket": await page.evaluate(SOCKET, socket),
        "stream": await page.evaluate(STREAM, f"{server.url}/api/trips/{trip}/events"),
    }


@in_a_browser
@pytest.mark.parametrize("place", [STRANGER, FAR], ids=["near", "far"])
async def test_a_strangers_page_gets_nothing(
    page: Page, server: Server, victim: Account, place: str
):
    trip = await victim.makes_trip("Lisbon")
    await page.goto(f"{place}/")
    assert await tries(page, server, trip) == {
        "reads": None,
        "posts": None,
        "forges": None,
        "posts blindly": None,
        "socket": "refused",
        "stream": "refused",
    }
    titles = [each["title"] for each in (await victim.http.get("/api/trips")).json()]
    assert titles == ["Lisbon"]


async def test_a_friends_page_may_upload(ana: Account):
    trip = await ana.makes_trip()
    friend = {"Origin": FRIEND, "Sec-Fetch-Site": "cross-site"}
    for headers, status in ((friend, 201), (friend | {"Origin": EVIL}, 403)):
        answer = await ana.http.post(
            f"/api/trips/{trip}/attachments", files={"file": ("map.txt", b"x")}, headers=headers
        )
        assert answer.status_code == status


@in_a_browser
async def test_a_friends_page_acts_for_its_visitor(page: Page, server: Server, victim: Account):
    trip = await victim.makes_trip("Lisbon")
    await page.goto(f"{FRIEND}/")
    got = await tries(page, server, trip)
    assert got["reads"][0] == 200
    assert "Lisbon" in got["reads"][1]
    assert got["posts"][0] == 201
    # Not even a friend says how the site is reached.
    assert got["forges"] is None
    assert got["socket"] == "0"
    assert got["stream"] == "open"
