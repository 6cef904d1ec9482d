"""Whether TripChat works, for those who watch it."""

import asyncio
import logging

from starlette.requests import Request
from starlette.responses import Response

from tripchat import __version__, db
from tripchat.api.endpoint import answer, route

log = logging.getLogger(__name__)

PATIENCE = 2  # seconds


async def health(_request: Request) -> Response:
    database = await _database_answers()
    return answer(
        {
            "status": "ok" if database else "down",
            "database": "ok" if database else "down",
            "redis": "not used",
            "workers": 1,
            "version": __version__,
        },
        200 if database else 503,
    )


async def _database_answers() -> bool:
    try:
        async with asyncio.timeout(PATIENCE):
            await db.ping()
    except Exception as error:
        log.warning("the database does not answer: %s", type(error).__name__)
        return False
    return True


routes = [route("GET", "/api/health", health)]
