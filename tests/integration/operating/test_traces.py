"""Traces of a real server, received as a collector does: OTLP over HTTP."""

import asyncio
import gzip
import os
import secrets
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from tests.kit.people import Account
from tests.kit.server import ROOT, running
from tests.kit.tab import NAMESPACE, ROOM_STATE, Tab
from tripchat.local.process import free_port


class Collector:
    """Takes traces and metrics, as an ASGI app."""

    def __init__(self) -> None:
        self.port = free_port()
        self.spans: list[Span] = []
        self.metrics: set[str] = set()
        self.raw: list[bytes] = []
        """All that came, as it came."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        if (b"content-encoding", b"gzip") in scope["headers"]:
            body = gzip.decompress(body)
        self.raw.append(body)
        if scope["path"] == "/v1/traces":
            for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
                for scoped in resource.scope_spans:
                    self.spans += scoped.spans
        else:
            for resource in ExportMetricsServiceRequest.FromString(body).resource_metrics:
                for scoped in resource.scope_metrics:
                    self.metrics |= {each.name for each in scoped.metrics}
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        """Take what comes."""
        config = uvicorn.Config(
            self, port=self.port, lifespan="off", log_config=None, access_log=False
        )
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server.serve())
        try:
            yield
        finally:
            server.should_exit = True
            await serving

    def named(self, name: str) -> list[Span]:
        """The spans of this name."""
        return [span for span in self.spans if span.name == name]


async def test_calls_and_events_are_traced_without_a_word(tmp_path: Path):
    collector = Collector()
    marker = f"zq{secrets.token_hex(6)}"
    environment = {
        "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{collector.port}",
        "OTEL_METRICS_EXPORTER": "otlp",
    }
    async with collector.listening(), running(tmp_path, **environment) as server:
        ana = await Account.sign_up(server.url, f"Ana {marker}")
        trip = await ana.makes_trip(f"Trip {marker}")
        code = await ana.invites_to(trip)
        await ana.joins(code)
        await ana.http.get(f"/api/trips/{trip}/{marker}", params={"x": marker})
        await ana.http.get(f"/join/{code}")
        await ana.writes(trip, f"over HTTP {marker}")
        tab = await Tab(server.port, f"/trip/{trip}", ana.token, token=f"tab-{marker}").open()
        await tab.sends(trip, f"in a tab {marker}", client_id="c1")
        await tab.answer_to("c1")
        await tab.call(f"{ROOM_STATE}.edit", trip_id=trip, seq=marker, body=marker)
        await tab.call(f"{ROOM_STATE}.remove", user_id=marker, what=marker)
        await tab.say(f'42{NAMESPACE},["ping"]')
        await tab.sends(trip, "last", client_id="c2")
        await tab.answer_to("c2")
        await tab.close()
        token = ana.token
        await ana.close()
    route = "/api/trips/{trip_id}/messages"
    (call,) = collector.named(f"POST {route}")
    assert call.kind == Span.SPAN_KIND_SERVER
    attributes = {each.key: each.value for each in call.attributes}
    assert attributes["http.route"].string_value == route
    assert attributes["http.response.status_code"].int_value == 201
    stored = collector.named("tripchat.store")
    assert len(stored) == 3
    # What is stored belongs to the call or the event that sent it.
    assert any(span.trace_id == call.trace_id for span in stored)
    sends = collector.named(f"{ROOM_STATE}.send")
    assert len(sends) == 2
    assert {span.trace_id for span in sends} <= {span.trace_id for span in stored}
    failed = collector.named(f"{ROOM_STATE}.remove")
    assert [span.status.code for span in failed] == [Status.STATUS_CODE_ERROR]
    assert [event.name for event in failed[0].events] == ["exception"]
    assert "reflex.event.duration" in collector.metrics
    assert not [span for span in collector.spans if "health" in span.name]
    everything = b"".join(collector.raw)
    assert trip.encode() not in everything
    for secret in (marker, token, code, ana.email):
        assert secret.encode() not in everything


@pytest.mark.parametrize(
    ("variables", "loaded"),
    [
        ({}, False),
        ({"OTEL_TRACES_EXPORTER": "none"}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9", "OTEL_SDK_DISABLED": "true"}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9"}, True),
    ],
)
def test_nothing_of_it_is_loaded_where_it_is_off(
    tmp_path: Path, variables: dict[str, str], loaded: bool
):
    check = "import sys, tripchat.tripchat; print('reflex_otel' in sys.modules)"
    others = {name: value for name, value in os.environ.items() if not name.startswith("OTEL_")}
    served = {"TRIPCHAT_SITE": str(tmp_path), "TRIPCHAT_DATA": str(tmp_path)}
    said = subprocess.run(
        [sys.executable, "-c", check],
        cwd=ROOT, env=others | served | variables, text=True, capture_output=True, check=True,
    )  # fmt: skip
    assert said.stdout.splitlines()[-1] == str(loaded)


@pytest.mark.parametrize("variable", ["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_TRACES_EXPORTER"])
def test_without_the_packages_the_start_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, variable: str
):
    from tripchat.errors import CannotStart
    from tripchat.observability import traces

    monkeypatch.setattr(traces, "find_spec", lambda _name: None)
    traces.check()
    monkeypatch.setenv(variable, "otlp")
    with pytest.raises(CannotStart, match=r"pip install -r requirements-otel\.txt"):
        traces.check()
    monkeypatch.setenv("OTEL_SDK_DISABLED", "true")
    traces.check()
