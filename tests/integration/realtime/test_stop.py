"""A server that is told to stop while people write."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.kit.people import Account
from tests.kit.server import Server
from tests.kit.tab import NAMESPACE, Tab


@pytest.mark.only("sqlite")
async def test_a_server_that_stops_first_stores_what_it_was_told(tmp_path: Path) -> None:
    server = Server(tmp_path)
    await server.start()
    ana = await Account.sign_up(server.url, "Ana Lima")
    trip = await ana.makes_trip("Lisbon")
    tab = await Tab(server.port, f"/trip/{trip}", ana.token).open()
    said = [f"message {number}" for number in range(300)]
    with closing(sqlite3.connect(server.database, isolation_level=None)) as other:
        # Nothing can be stored while somebody else writes: the messages have to wait.
        other.execute("BEGIN IMMEDIATE")
        for text in said:
            await tab.sends(trip, text)
        await tab.say(f'42{NAMESPACE},["ping"]')
        await tab.until(lambda: any("pong" in frame for frame in tab.heard))
        stopping = asyncio.create_task(server.stop())
        await tab.until(lambda: tab.closed)
        other.execute("COMMIT")
        await stopping

    await server.start()
    stored = await ana.reads_all(trip)
    await ana.close()
    await server.stop()
    # On a slow machine the last of them may not have been reached in time.
    assert stored
    assert [message["text"] for message in stored] == said[: len(stored)]
    assert server.complaints() == []
