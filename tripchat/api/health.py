"""Whether TripChat works, for those who watch it."""

import asyncio
from time import perf_counter

from starlette.requests import Request
from starlette.responses import Response

from tripchat import __version__, db
from tripchat.api.endpoint import Call, answer
from tripchat.cluster.bus import bus
from tripchat.cluster.workers import WORKER_ID, workers
from tripchat.services import acts
from tripchat.settings import get_settings

PATIENCE = 1.5
"""Seconds that the database may take; the whole answer is promised within two."""

_asking: asyncio.Task[float] | None = None


async def health(_request: Request) -> Response:
    """What works of all that TripChat needs."""
    database = "down" if await database_ping() is None else "ok"
    redis = _redis()
    works = "down" not in (database, redis)
    return answer(
        {
            "status": "ok" if works else "down",
            "database": database,
            "redis": redis,
            "workers": 1 + len(workers.others),
            "version": __version__,
        },
        200 if works else 503,
    )


async def live(_request: Request) -> Response:
    """That this worker's event loop turns, whatever else may be down; nothing is asked for it."""
    database = "down" if db.is_away() else "ok"
    return answer(
        {"status": "ok", "database": database, "version": __version__, "worker": WORKER_ID}
    )


async def database_ping() -> float | None:
    """Seconds that the database takes to answer; None when it does not.

    Those who ask at the same time share an answer: when the database is down, all pages ask.
    """
    global _asking
    asking = _asking
    if asking is None or asking.done() or asking.get_loop() is not asyncio.get_running_loop():
        asking = _asking = asyncio.create_task(_ping())
    done, _ = await asyncio.wait({asking}, timeout=PATIENCE)
    if not done:
        # Not waited for: a connection that hangs takes its time to end as well.
        asking.cancel()
        return None
    # `tripchat.db.outage` says why it does not answer, once.
    return None if asking.cancelled() or asking.exception() else asking.result()


async def _ping() -> float:
    began = perf_counter()
    await db.ping()
    return perf_counter() - began


def _redis() -> str:
    joined = bus()
    if joined is None:
        return "not used" if get_settings().redis_url is None else "down"
    return "ok" if joined.status.healthy else "down"


routes = [
    Call(acts.SEE_HEALTH, "GET", "/api/health", health),
    Call(acts.SEE_HEALTH, "GET", "/api/health/live", live),
]
