"""OpenTelemetry, where the standard OTEL_* variables switch it on: nothing of it is loaded before.

Reflex has the trace points; the packages are in requirements-otel.txt. What people write is in no
span: Reflex records no payloads, and what errors say and addresses name is taken out here.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from importlib.util import find_spec

from tripchat.errors import CannotStart

SWITCHES = (
    "OTEL_EXPORTER_OTLP_ENDPOINT",
    "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
    "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT",
    "OTEL_TRACES_EXPORTER",
    "OTEL_METRICS_EXPORTER",
)
"""Any of them asks for traces or metrics to be sent somewhere."""


def wanted() -> bool:
    """Whether the environment switches OpenTelemetry on."""
    if os.environ.get("OTEL_SDK_DISABLED", "").strip().lower() == "true":
        return False
    return any(os.environ.get(name, "none") not in ("", "none") for name in SWITCHES)


def check() -> None:
    """Find out before all else whether what is switched on can be had; raises CannotStart."""
    if wanted() and find_spec("reflex_otel") is None:
        raise CannotStart(
            "OTEL_* switches traces on, which need: pip install -r requirements-otel.txt"
        )


_send_the_rest: Callable[[], None] | None = None


def switch_on() -> None:
    """Turn Reflex's trace points on if that is wanted; call it before the app is built."""
    global _send_the_rest
    if wanted():
        from tripchat.observability import otlp

        _send_the_rest = otlp.switch_on()


async def stop() -> None:
    """Send what has not been sent: the process may end by a signal."""
    if _send_the_rest is not None:
        await asyncio.to_thread(_send_the_rest)


def name_call(method: str, route: str) -> None:
    """Say which route the HTTP call of the present span is for."""
    from opentelemetry import trace

    span = trace.get_current_span()
    span.update_name(f"{method} {route}")
    span.set_attribute("http.route", route)
