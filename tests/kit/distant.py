"""A site whose database is reached over a way that can break."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

from tests.kit.backing import a_database
from tests.kit.proxy import Proxy
from tests.kit.server import OUTAGE, Server
from tripchat.local.postgres import LocalPostgres


@asynccontextmanager
async def a_distant_site(
    postgres: LocalPostgres, line: Proxy, folder: Path
) -> AsyncIterator[Server]:
    """A site on a database of its own, reached over `line`; at the end its log is looked at."""
    with a_database(postgres) as address:
        url = address.replace(f":{postgres.port}/", f":{line.port}/")
        server = Server(folder, TRIPCHAT_DATABASE_URL=url)
        await server.start()
        try:
            yield server
        finally:
            await server.stop()
    assert not server.complaints(OUTAGE), server.output()


async def says_of_its_database(site: Server) -> str:
    """What its health says: `ok` or `down`."""
    async with httpx.AsyncClient(timeout=5) as http:
        return (await http.get(f"{site.url}/api/health")).json()["database"]


async def becomes(site: Server, state: str) -> None:
    """Wait until it says that; raises TimeoutError."""
    async with asyncio.timeout(10):
        while await says_of_its_database(site) != state:
            pass
