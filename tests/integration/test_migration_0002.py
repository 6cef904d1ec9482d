"""A database that was made and filled before messages could change."""

import asyncio
import sqlite3

import orjson
import pytest
from alembic import command
from sqlalchemy import create_engine, inspect

from tripchat import migrations, storage
from tripchat.sealing import Sealer, load_master_key
from tripchat.services import editing, messages, reactions
from tripchat.settings import Settings

TRIPS = {"lisbon": 70, "empty": 0, "porto": 1}
"""How many messages each trip has."""


@pytest.fixture
def first(settings: Settings) -> Settings:
    """The settings of a database that knows the first migration only."""
    command.downgrade(migrations.config(settings), "base")
    command.upgrade(migrations.config(settings), "0001")
    sealer = Sealer(load_master_key(settings))
    with sqlite3.connect(settings.data / "tripchat.db") as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        known = sealer.seal(*storage._PLACE, storage._KNOWN)
        connection.execute("INSERT INTO seal VALUES (1, ?)", [known])
        connection.execute("INSERT INTO user VALUES ('ann', 'Ann', 'a@b.c', '-', 5)")
        for trip, count in TRIPS.items():
            connection.execute(
                "INSERT INTO trip VALUES (?, 'T', NULL, '2030-01-02', NULL, NULL, ?, 'ann', 6)",
                [trip, count],
            )
            connection.execute(
                "INSERT INTO member VALUES (?, 'ann', 'organiser', 7, NULL, NULL, 0)", [trip]
            )
            connection.executemany(
                "INSERT INTO message VALUES (?, ?, ?, 'ann', ?, 'text', ?, NULL, ?)",
                [
                    (f"{trip}{n}", trip, n, f"c{n}", sealed(sealer, trip, n), 1000 + n)
                    for n in range(count, 0, -1)
                ],
            )
    connection.close()
    return settings


def sealed(sealer: Sealer, trip_id: str, seq: int) -> bytes:
    body = orjson.dumps({"text": f"message {seq}"})
    return sealer.seal(trip_id, f"{trip_id}{seq}", body)


async def test_every_message_was_one_change(first: Settings):
    await asyncio.to_thread(migrations.upgrade, first)
    await storage.open_storage(first)
    for trip, count in TRIPS.items():
        last_rev, window = await messages.window(trip, 100)
        assert last_rev == count
        assert [(each["seq"], each["rev"], each["body"]["text"]) for each in window] == [
            (n, n, f"message {n}") for n in range(1, count + 1)
        ]
        sent = await messages.send("ann", trip, "new", body={"text": "new"})
        assert (sent.message["seq"], sent.message["rev"]) == (count + 1, count + 1)
    assert (await editing.edit("ann", "lisbon", 1, {"text": "edited"}))["rev"] == 72
    await storage.close_storage()


async def test_what_was_written_before_can_be_deleted_without_a_trace(first: Settings):
    file = first.data / "tripchat.db"
    with sqlite3.connect(file) as connection:
        found = connection.execute("SELECT body FROM message WHERE trip_id = 'lisbon'")
        bodies = [body for [body] in found]
    connection.close()
    assert all(body in file.read_bytes() for body in bodies)
    await asyncio.to_thread(migrations.upgrade, first)
    await storage.open_storage(first)
    for seq in range(1, 71):
        await editing.remove("ann", "lisbon", seq)
    await storage.close_storage()
    assert not any(body in file.read_bytes() for body in bodies)


async def test_the_way_back_keeps_messages_as_they_are_last(first: Settings):
    await asyncio.to_thread(migrations.upgrade, first)
    await storage.open_storage(first)
    await editing.edit("ann", "lisbon", 2, {"text": "edited @Ann"})
    await editing.remove("ann", "lisbon", 3)
    await reactions.react("ann", "lisbon", 4, "👍")
    await storage.close_storage()
    await asyncio.to_thread(command.downgrade, migrations.config(first), "0001")
    engine = create_engine(f"sqlite:///{first.data}/tripchat.db")
    assert {"version", "reaction", "mention"}.isdisjoint(inspect(engine).get_table_names())
    engine.dispose()
    await asyncio.to_thread(migrations.upgrade, first)
    await storage.open_storage(first)
    last_rev, window = await messages.window("lisbon", 100)
    assert last_rev == 70
    said = [each["body"]["text"] for each in window[:5]]
    gone = "This message cannot be opened."  # the first version knows no deleted messages
    assert said == ["message 1", "edited @Ann", gone, "message 4", "message 5"]
    await storage.close_storage()
