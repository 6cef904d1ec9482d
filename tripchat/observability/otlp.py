"""Spans on their way out: to a collector, over OTLP, without what people wrote or who they are."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence

from opentelemetry import metrics
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import Event, ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.trace import SpanKind, Status
from reflex_otel import ReflexInstrumentor

from tripchat import __version__
from tripchat.cluster.workers import WORKER_ID

SHOWN = {
    "code.function.name",
    "error.type",
    "http.request.method",
    "http.response.status_code",
    "http.route",
    "network.protocol.version",
    "reflex.event.background",
    "reflex.event.name",
    "reflex.event.parent_txid",
    "reflex.event.txid",
    "session.id",
    "tripchat.messages",
    "url.scheme",
}
"""The attributes that leave the process. Addresses name trips and carry invites; what errors say
may quote a message."""

EXCLUDED = r"/api/health,/metrics,/assets/"
"""Calls without a span: those that watch, and the page's files."""


LAST_MILLISECONDS = 3000
"""How long a collector that does not answer may hold up the end of the process."""


def switch_on() -> Callable[[], None]:
    """Send traces where the OTEL_* variables say, and metrics with OTEL_METRICS_EXPORTER=otlp.

    Gives what sends the rest at the end.
    """
    resource = Resource.create(
        {
            "service.name": os.environ.get("OTEL_SERVICE_NAME", "tripchat"),
            "service.version": __version__,
            "service.instance.id": WORKER_ID,
        }
    )
    tracers = TracerProvider(resource=resource)
    tracers.add_span_processor(BatchSpanProcessor(Discreet(OTLPSpanExporter())))
    meters: metrics.MeterProvider = metrics.NoOpMeterProvider()
    flushes = [tracers.force_flush]
    if os.environ.get("OTEL_METRICS_EXPORTER") == "otlp":
        reader = PeriodicExportingMetricReader(OTLPMetricExporter())
        meters = MeterProvider([reader], resource=resource)
        flushes.append(meters.force_flush)
    ReflexInstrumentor().instrument(
        tracer_provider=tracers, meter_provider=meters, excluded_urls=EXCLUDED
    )

    def send_the_rest() -> None:
        for flush in flushes:
            flush(LAST_MILLISECONDS)

    return send_the_rest


class Discreet(SpanExporter):
    """Hands spans on with nothing in them but what is known to be harmless."""

    def __init__(self, exporter: SpanExporter) -> None:
        """`exporter` takes them from here."""
        self._exporter = exporter

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Export spans."""
        return self._exporter.export([discreet(span) for span in spans])

    def shutdown(self) -> None:
        """Export no more."""
        self._exporter.shutdown()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        """Export all that waits."""
        return self._exporter.force_flush(timeout_millis)


def discreet(span: ReadableSpan) -> ReadableSpan:
    """The same span without words and addresses."""
    attributes = {name: said for name, said in (span.attributes or {}).items() if name in SHOWN}
    return ReadableSpan(
        name=_name(span, attributes),
        context=span.context,
        parent=span.parent,
        resource=span.resource,
        attributes=attributes,
        events=[_kind_alone(event) for event in span.events],
        links=span.links,
        kind=span.kind,
        status=Status(span.status.status_code),
        start_time=span.start_time,
        end_time=span.end_time,
        instrumentation_scope=span.instrumentation_scope,
    )


def _name(span: ReadableSpan, attributes: Mapping[str, object]) -> str:
    if span.kind is not SpanKind.SERVER:
        return span.name
    # Until its route is known, a call is named for its address.
    method = attributes.get("http.request.method")
    return f"{method} {attributes.get('http.route', '')}".strip() if method else "websocket"


def _kind_alone(event: Event) -> Event:
    kind = (event.attributes or {}).get("exception.type")
    return Event(event.name, {"exception.type": kind} if kind else {}, event.timestamp)
