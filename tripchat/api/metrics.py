"""What Prometheus reads of this worker."""

from __future__ import annotations

import ipaddress
import secrets

from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4, Gauge, generate_latest
from starlette.requests import Request
from starlette.responses import Response

from tripchat.api.endpoint import Call
from tripchat.api.health import database_ping
from tripchat.errors import NotAMember, NotSignedIn
from tripchat.observability.metrics import registry
from tripchat.services import acts
from tripchat.settings import get_settings

FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto")
"""Headers of which a proxy sets at least one."""

_up = Gauge("tripchat_database_up", "Whether the database answers.", registry=registry)
_ping = Gauge(
    "tripchat_database_ping_seconds",
    "How long the database took to answer, just now.",
    registry=registry,
)


async def metrics(request: Request) -> Response:
    """The metrics in Prometheus's text format."""
    _check_reader(request)
    seconds = await database_ping()
    _up.set(seconds is not None)
    _ping.set(float("nan") if seconds is None else seconds)
    return Response(
        generate_latest(registry),
        headers={"Cache-Control": "no-store"},
        media_type=CONTENT_TYPE_PLAIN_0_0_4,
    )


def _check_reader(request: Request) -> None:
    """Let only those read who may: with the token; without one, the private network directly."""
    if (token := get_settings().metrics_token) is not None:
        given = request.headers.get("authorization", "")
        wanted = f"Bearer {token.get_secret_value()}"
        if not secrets.compare_digest(given.encode(), wanted.encode()):
            raise NotSignedIn("Whoever reads the metrics has to show their token.")
    elif not _is_near(request):
        raise NotAMember("The metrics are for the private network, and not through a proxy.")


def _is_near(request: Request) -> bool:
    if any(name in request.headers for name in FORWARDED):
        return False
    try:
        peer = ipaddress.ip_address(request.client.host if request.client else "")
    except ValueError:
        return False
    return peer.is_private


routes = [Call(acts.READ_METRICS, "GET", "/metrics", metrics)]
