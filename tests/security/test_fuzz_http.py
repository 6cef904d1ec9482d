"""Anything at every HTTP route, as nobody and as a member: no fault of ours, and all goes on.

The routes and what they take are the app's own lists: a new one is called by itself.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import string
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

import httpx
import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from starlette.routing import Route

from tests.security.fuzzed import Fuzzed
from tests.security.inputs import anything, filled, objects, value_of
from tripchat.api.body import Body
from tripchat.api.routes import routes

SEED = 6
PER_EXAMPLE = 20

REFLEX = ("/ping", "/_health", "/_upload", "/_event/", "/_all_routes", "/auth-codespace")
PAGES = ("/", "/trip/x", "/join/x", "/assets/x", "/no-such-page", "/..%2f..%2fetc/passwd", "//x")
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "BREW")

TYPES = [
    *(["application/json"] * 30),
    *("application/json; charset=utf-16", "text/plain", "application/x-www-form-urlencoded", ""),
    *("multipart/form-data", "multipart/form-data; boundary=x", "application/json\x0b", "é"),
]

_FILE = b'--x\r\nContent-Disposition: form-data; name="file"'

PARTS = [
    _FILE + b'; filename="a.txt"\r\n\r\nhello\r\n--x--\r\n',
    _FILE + b'; filename="../../a"\r\n\r\n\x00\r\n--x--\r\n',
    _FILE + b"\r\n\r\n",
    b"--x\r\n" + b"X: " + b"y" * 9000 + b"\r\n\r\n--x--",
    b"--x--\r\n",
    b"--y\r\n",
]

ODD_HEADERS = [
    *(("Cookie", value) for value in ("tripchat_session=", "tripchat_session=x", "=", "a" * 5000)),
    *(("Authorization", value) for value in ("Bearer", "Bearer x", "Basic eDp5", "\x01")),
    *(("Origin", value) for value in ("null", "https://evil.example", "::", "http://[")),
    *(("Host", value) for value in ("", "evil.example", "[::1", "a b", "x:99999999")),
    *(("X-Forwarded-Host", "]["), ("X-Forwarded-Proto", "gopher"), ("X-Forwarded-For", "::x")),
    *(
        ("Range", value)
        for value in ("bytes=0-", "bytes=9-1", "bytes=-0", "x", "bytes=" + "0-," * 99)
    ),
    *(("Accept-Encoding", "gzip, x;q=z"), ("If-Modified-Since", "never"), ("If-None-Match", '"')),
    *(("Last-Event-ID", value) for value in ("x.1", ".", "9" * 30, "x.٣")),
    *(("X-Request-Id", "x" * 300), ("Expect", "100-continue"), ("Upgrade", "websocket")),
    *(("Content-Encoding", "gzip"), ("Transfer-Encoding", "chunked"), ("TE", "trailers")),
]


@dataclass(frozen=True)
class Call:
    """One request."""

    method: str
    path: str
    """A template, with `{names}`."""
    values: dict[str, Any]
    """What stands for these names."""
    query: list[tuple[str, Any]]
    headers: list[tuple[str, str]]
    content: Any = field(repr=False)
    """JSON, or bytes as they are; None for no body."""
    as_member: bool

    def address(self, ids: dict[str, str]) -> str:
        """Path and query as they are sent."""
        path = self.path
        for name, value in self.values.items():
            said = _percent(str(filled(value, ids)))
            path = path.replace(f"{{{name}:path}}", said).replace(f"{{{name}}}", said)
        query = [(name, _words(filled(value, ids))) for name, value in self.query]
        return f"{path}?{urlencode(query, errors='surrogatepass')}" if query else path


def _percent(text: str) -> str:
    return quote(text, safe=":@!$&'()*+,;=~%" if "%" in text else "", errors="surrogatepass")


def _words(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def bodies() -> list[list[str]]:
    """The fields of every body that a call takes."""
    return [[*model.model_fields] for model in Body.__subclasses__()]


def _names_in(path: str) -> list[str]:
    parts = [name for _, name, *_ in string.Formatter().parse(path) if name]
    return [name.partition(":")[0] for name in parts]


odd_headers = st.one_of(
    st.just([]), st.just([]), st.lists(st.sampled_from(ODD_HEADERS), max_size=2)
)


@st.composite
def calls(draw: st.DrawFn) -> Call:
    """A request: mostly of a method that the route has, mostly with what it takes."""
    route = draw(st.sampled_from(ROUTES))
    own = sorted(route.methods or METHODS) * 20
    names = _names_in(route.path)
    queries = ("limit", "before", "after", "size", "EIO", "transport", "token", "at")
    content: Any = None
    kind = draw(st.integers(0, 9))
    if kind < 6:
        content = draw(objects(draw(st.sampled_from(BODIES))))
    elif kind == 6:
        content = draw(anything)
    elif kind == 7:
        content = draw(st.one_of(st.binary(max_size=60), st.sampled_from(PARTS)))
    elif kind == 8:
        content = draw(st.sampled_from([b"[" * 60_000, b'{"text":' * 9000, b"{" + b" " * 70_000]))
    return Call(
        draw(st.sampled_from([*own, *METHODS])),
        route.path,
        {name: draw(value_of(name)) for name in names},
        draw(
            st.lists(st.sampled_from(queries).flatmap(lambda q: st.tuples(st.just(q), value_of(q))),
                     max_size=2)
        ),
        [
            ("Content-Type", draw(st.sampled_from(TYPES))),
            *draw(odd_headers),
        ],
        content,
        draw(st.booleans()),
    )  # fmt: skip


ROUTES = [*routes, *(Route(path, bodies, methods=list(METHODS)) for path in (*REFLEX, *PAGES))]
BODIES = bodies()

RAW = st.one_of(
    st.binary(max_size=200),
    st.sampled_from(
        [
            *(b"\r\n", b"\x00" * 100, b"GET", b"GET /\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n"),
            *(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"),
            *(b"GET / HTTP/1.1\r\nHost\r\n\r\n", b"GET / HTTP/1.1\r\n Host: x\r\n\r\n"),
            *(b"GET /api/me HTTP/1.1\r\n\r\n", b"GET http://x/ HTTP/1.1\r\nHost: y\r\n\r\n"),
            *(b"GET /%ff%fe HTTP/1.1\r\nHost: x\r\n\r\n", b"GET /\xff HTTP/1.1\r\nHost: x\r\n\r\n"),
            b"GET /" + b"x" * 100_000 + b" HTTP/1.1\r\n\r\n",
            b"GET / HTTP/1.1\r\nX: " + b"y" * 100_000 + b"\r\n\r\n",
            b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 5000 + b"\r\n",
            b"POST /api/trips HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{}",
            b"POST /api/trips HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
            b"POST /api/trips HTTP/1.1\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}x",
            b"POST /api/trips HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
            b"POST /api/trips HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n",
            b"POST /api/trips HTTP/1.1\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n"
            b"\r\n0\r\n\r\n",
            b"GET /_event/?EIO=4&transport=websocket HTTP/1.1\r\nUpgrade: websocket\r\n"
            b"Connection: Upgrade\r\nSec-WebSocket-Version: 1\r\nSec-WebSocket-Key: x\r\n\r\n",
        ]
    ),
)
"""What comes on a connection that may not even be HTTP."""


async def _make(fuzzed: Fuzzed, call: Call) -> None:
    client = fuzzed.member.http if call.as_member else fuzzed.nobody
    content = call.content
    if content is not None and not isinstance(content, bytes):
        content = json.dumps(filled(content, fuzzed.ids)).encode()
    headers = [(name.encode(), value.encode()) for name, value in call.headers]
    try:
        request = client.build_request(
            call.method, call.address(fuzzed.ids), headers=headers, content=content
        )
    except httpx.InvalidURL:
        fuzzed.counts[" no address"] += 1
        return
    fuzzed.counts["calls"] += 1
    try:
        answer = await client.send(request, stream=True)
    except (httpx.RemoteProtocolError, httpx.LocalProtocolError, httpx.WriteError, httpx.ReadError):
        fuzzed.counts[" refused by the server or the client as no HTTP"] += 1
        return
    try:
        fuzzed.counts[f" {answer.status_code // 100}xx"] += 1
        if not answer.headers.get("content-type", "").startswith("text/event-stream"):
            await answer.aread()
    finally:
        await answer.aclose()
    _check(call, answer)
    if not call.as_member:
        fuzzed.nobody.cookies.clear()  # they may have signed up


def _check(call: Call, answer: httpx.Response) -> None:
    assert answer.status_code < 500, (call, answer.text)
    if call.path.startswith("/api/") and answer.status_code >= 400 and call.method != "HEAD":
        kind = answer.headers.get("content-type", "")
        # No request at all, or an address that Starlette has no word for.
        if (
            answer.text != "Invalid HTTP request received."
            and "%0A" not in answer.url.raw_path.decode()
        ):
            assert kind == "application/problem+json", (call, answer.status_code, answer.text)
            assert answer.json()["status"] == answer.status_code


async def _say(fuzzed: Fuzzed, content: bytes) -> None:
    fuzzed.counts["raw"] += 1
    reader, writer = await asyncio.open_connection("127.0.0.1", fuzzed.server.port)
    with contextlib.suppress(ConnectionError):
        writer.write(content)
        writer.write_eof()
        async with asyncio.timeout(20):
            answer = await reader.read(65_536)
        assert not answer.startswith((b"HTTP/1.1 5", b"HTTP/1.0 5")), (content, answer)
    writer.close()


def fuzzing(inputs: int) -> Any:
    """How one part is tried: so many inputs, the same ones each time."""
    return settings(
        max_examples=max(1, inputs // PER_EXAMPLE),
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )


def test_every_route_stands_anything(
    fuzzed: Fuzzed, inputs: int, capsys: pytest.CaptureFixture[str]
) -> None:
    async def fire(some: list[Call], raw: bytes) -> None:
        await fuzzed.is_ready()
        for call in some:
            await _make(fuzzed, call)
        await _say(fuzzed, raw)

    @seed(SEED)
    @fuzzing(inputs)
    @given(st.lists(calls(), min_size=PER_EXAMPLE - 1, max_size=PER_EXAMPLE - 1), RAW)
    def fuzz(some: list[Call], raw: bytes) -> None:
        fuzzed.run(fire(some, raw))
        assert fuzzed.complains() == [], some

    fuzz()
    fuzzed.run(fuzzed.still_serves())
    assert fuzzed.complains() == []
    with capsys.disabled():
        print(f"\n{fuzzed.tell('HTTP')}")  # noqa: T201
    # It is no use to be turned away at the door.
    assert fuzzed.counts[" 2xx"] > fuzzed.counts["calls"] / 20
    assert all(fuzzed.counts[f" {kind}xx"] for kind in (2, 4))
