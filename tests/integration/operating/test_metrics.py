"""What Prometheus reads of a real server: it tells what has happened there."""

import json
import math
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from prometheus_client.parser import text_string_to_metric_families

from tests.kit.people import Account
from tests.kit.server import Server, running
from tests.kit.stream_tab import stream_tab_of
from tests.kit.tab import NAMESPACE, ROOM_STATE, Tab

pytestmark = pytest.mark.asyncio(loop_scope="module")

PROMISED = Path("docs/operating.md").read_text()

SEND = "/api/trips/{trip_id}/messages"


class Scrape:
    """What was read at one moment."""

    def __init__(self, text: str) -> None:
        self.families = {each.name: each for each in text_string_to_metric_families(text)}
        self._samples = {
            (sample.name, frozenset(sample.labels.items())): sample.value
            for family in self.families.values()
            for sample in family.samples
        }

    def __call__(self, name: str, **labels: str) -> float:
        """One value; 0 for what has not happened yet."""
        return self._samples.get((f"tripchat_{name}", frozenset(labels.items())), 0.0)

    @classmethod
    async def of(cls, server: Server) -> "Scrape":
        """What a server tells now."""
        async with httpx.AsyncClient() as http:
            answer = await http.get(f"{server.url}/metrics")
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
        return cls(answer.text)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Server]:
    async with running(tmp_path_factory.mktemp("metrics")) as server:
        yield server


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def ana(server: Server) -> AsyncIterator[Account]:
    account = await Account.sign_up(server.url, "Ana Lima")
    yield account
    await account.close()


async def test_connections_and_rooms_come_and_go(server: Server, ana: Account):
    trip = await ana.makes_trip()
    before = await Scrape.of(server)
    tabs = [
        await Tab(server.port, f"/trip/{trip}", ana.token).open(),
        await Tab(server.port, "/").open(),
        await stream_tab_of(server, ana, f"/trip/{trip}").open(),
    ]
    now = await Scrape.of(server)
    assert now("connections", transport="websocket") == 2
    assert now("connections", transport="stream") == 1
    assert now("connections_signed_in") == 2
    assert now("rooms_open") == before("rooms_open") + 1
    for tab in tabs:
        await tab.close()
    # Whoever has said goodbye is gone once the server has read that: before a new one is served.
    async with Tab(server.port, "/"):
        then = await Scrape.of(server)
    assert then("connections", transport="stream") == 0
    assert then("connections", transport="websocket") == 1
    assert then("connections_signed_in") == 0


async def test_a_send_is_counted_and_timed_once_however_often_it_is_repeated(
    server: Server, ana: Account
):
    trip = await ana.makes_trip()
    tabs = [await Tab(server.port, f"/trip/{trip}", ana.token).open() for _ in range(3)]
    before = await Scrape.of(server)
    for _ in range(3):
        await ana.http.post(f"/api/trips/{trip}/messages", json={"text": "a", "client_id": "c1"})
    await tabs[0].sends(trip, "last of all")
    for tab in tabs:
        await tab.until(lambda tab=tab: any("last of all" in frame for frame in tab.frames))
    now = await Scrape.of(server)
    grown = {name: now(name) - before(name) for name in (
        "messages_stored_total", "sends_repeated_total", "send_to_broadcast_seconds_count",
        "deliveries_total", "broadcasts_total", "delivered_bytes_total",
    )}  # fmt: skip
    assert grown["messages_stored_total"] == 2
    assert grown["sends_repeated_total"] == 2
    assert grown["send_to_broadcast_seconds_count"] == 2
    # Two messages to three tabs, and the answer to the tab that has sent one.
    assert grown["deliveries_total"] >= 7
    assert grown["deliveries_total"] > grown["broadcasts_total"] >= 3
    assert grown["delivered_bytes_total"] > 100 * grown["deliveries_total"]
    took = now("send_to_broadcast_seconds_sum") - before("send_to_broadcast_seconds_sum")
    assert 0 < took < 10
    assert now("store_seconds_count") > before("store_seconds_count")
    assert (
        now("http_requests_total", method="POST", route=SEND, status="201")
        - before("http_requests_total", method="POST", route=SEND, status="201")
    ) == 1
    for tab in tabs:
        await tab.close()


async def test_events_and_refusals_are_counted_by_kind(server: Server, ana: Account):
    trip = await ana.makes_trip()
    tab = await Tab(server.port, f"/trip/{trip}", ana.token).open()
    before = await Scrape.of(server)
    await tab.call(f"{ROOM_STATE}.load_page", trip_id="no-such-trip")
    await tab.call(f"{ROOM_STATE}.types")
    await tab.say(f"42{NAMESPACE},{json.dumps(['event', {'name': 'no.such.event'}])}")
    await tab.until(lambda: any("no such trip" in frame.lower() for frame in tab.frames))
    now = await Scrape.of(server)
    for event in ("room_state.load_page", "room_state.types", "none"):
        assert now("events_total", event=event) - before("events_total", event=event) == 1
    assert now("event_refusals_total", status="404") > before("event_refusals_total", status="404")
    await tab.close()


async def test_http_calls_are_counted_by_route_and_never_by_address(server: Server, ana: Account):
    before = await Scrape.of(server)
    for path in ("/api/nothing", "/join/secret", "/api/trips/xyz/messages", "/nowhere/at/all"):
        await ana.http.get(path)
        await ana.http.request("FOO", path)
    now = await Scrape.of(server)
    routes = {sample.labels["route"] for sample in now.families["tripchat_http_requests"].samples}
    assert routes >= {"/api/{path}", SEND, "page"}
    assert not [route for route in routes if "secret" in route or "xyz" in route]
    methods = {s.labels["method"] for s in now.families["tripchat_http_requests"].samples}
    assert methods <= {"GET", "POST", "PUT", "DELETE", "other"}
    unknown = {"method": "GET", "route": "/api/{path}"}
    assert now("http_request_seconds_count", **unknown) == 1 + before(
        "http_request_seconds_count", **unknown
    )


async def test_all_that_is_promised_is_there(server: Server, ana: Account):
    now = await Scrape.of(server)
    assert now("database_up") == 1
    assert 0 < now("database_ping_seconds") < 2
    assert now("workers") == 1
    assert now("event_loop_lag_seconds_count") > 0
    for name in (name for name in now.families if name.startswith("tripchat_")):
        assert f"`{name}" in PROMISED, f"docs/operating.md does not explain {name}"
    assert {"process_resident_memory_bytes", "process_cpu_seconds", "python_info"} <= set(
        now.families
    )
    build = now.families["tripchat_build_info"].samples[0].labels
    assert build["version"] == "0.1.0"
    assert len(build["page"]) == 16


async def test_no_label_has_as_many_values_as_there_are_trips_or_people(
    server: Server, ana: Account
):
    async def shape() -> set[tuple[str, frozenset[tuple[str, str]]]]:
        families = (await Scrape.of(server)).families.values()
        return {
            (sample.name, frozenset(sample.labels.items()))
            for family in families
            for sample in family.samples
        }

    async def act(number: int) -> None:
        trip = await ana.makes_trip(f"Trip {number}")
        await ana.writes(trip, f"text {number}")
        await ana.http.get(f"/api/trips/{number}/messages", params={"after": number})
        async with Tab(server.port, f"/trip/{trip}", ana.token) as tab:
            await tab.sends(trip, f"more {number}")
            await tab.until(lambda: any(f"more {number}" in frame for frame in tab.frames))

    await act(0)
    before = await shape()
    for number in range(1, 5):
        await act(number)
    assert await shape() == before


@pytest.mark.parametrize("header", ["X-Forwarded-For", "X-Forwarded-Proto", "Forwarded"])
async def test_whoever_comes_through_a_proxy_is_refused(server: Server, header: str):
    async with httpx.AsyncClient() as http:
        answer = await http.get(f"{server.url}/metrics", headers={header: "x"})
    assert answer.status_code == 403
    assert "tripchat_" not in answer.text


async def test_with_a_token_only_who_shows_it_may_read(tmp_path: Path):
    async with (
        running(tmp_path, TRIPCHAT_METRICS_TOKEN="let-me-see") as server,
        httpx.AsyncClient(base_url=server.url) as http,
    ):
        for given in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "let-me-see"}):
            assert (await http.get("/metrics", headers=given)).status_code == 401
        shown = {"Authorization": "Bearer let-me-see", "X-Forwarded-For": "203.0.113.7"}
        answer = await http.get("/metrics", headers=shown)
        assert answer.status_code == 200
        assert not math.isnan(Scrape(answer.text)("database_ping_seconds"))
    assert "let-me-see" not in server.output()
