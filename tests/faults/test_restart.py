"""Tabs come back by themselves after the server has gone, and not all at once."""

from pathlib import Path

from tests.faults.restart import crowd
from tests.kit.people import Account
from tests.kit.server import Server

TABS = 40


async def test_all_come_back_and_miss_nothing(tmp_path: Path) -> None:
    server = Server(tmp_path)
    await server.start()
    try:
        people = [await Account.sign_up(server.url, f"Person {number}") for number in range(5)]
        async with crowd(server, people, trips=2, tabs=TABS) as everybody:
            for end in (server.stop, server.kill):
                came = await everybody.loses_the_server(end)
                assert came.faults == []
                # Jitter of half a second at least keeps them apart: ten times less is 8 tabs.
                assert came.lump < TABS / 2, came.histogram
                first = [tab.attempts[0] for tab in everybody.tabs]
                assert max(first) - min(first) > 0.3, came.histogram
        for person in people:
            await person.close()
    finally:
        await server.stop()
    assert server.complaints() == []
