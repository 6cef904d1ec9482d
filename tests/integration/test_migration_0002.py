"""A database that was made and filled before messages could change."""

import asyncio
import datetime
import sqlite3

import orjson
import pytest
from alembic import command
from sqlalchemy import Connection

from tests.kit import tables
from tripchat import keyring, migrations, storage
from tripchat.sealing import Sealer
from tripchat.services import editing, messages, reactions
from tripchat.settings import Settings

TRIPS = {"lisbon": 70, "empty": 0, "porto": 1}
"""How many messages each trip has."""


@pytest.fixture
def first(settings: Settings) -> Settings:
    """The settings of a database that knows the first migration only."""
    command.downgrade(migrations.config(settings), "base")
    command.upgrade(migrations.config(settings), "0001")
    sealer = Sealer(*keyring.load(settings))
    if settings.database.startswith("sqlite"):
        with sqlite3.connect(settings.data / "tripchat.db") as connection:
            connection.execute("PRAGMA journal_mode=WAL")
        connection.close()
    tables.directly(settings, lambda link: fill(link, sealer))
    return settings


def fill(connection: Connection, sealer: Sealer) -> None:
    known = sealer.seal(*storage._PLACE, storage._KNOWN)
    tables.insert(connection, "seal", [{"id": 1, "known": known}])
    ann = {"id": "ann", "name": "Ann", "email": "a@b.c", "password_hash": "-", "created_at": 5}
    tables.insert(connection, "user", [ann])
    for trip, count in TRIPS.items():
        about = {"id": trip, "title": "T", "starts_on": datetime.date(2030, 1, 2)}
        made = {"last_seq": count, "created_by": "ann", "created_at": 6}
        tables.insert(connection, "trip", [about | made])
        place = {"trip_id": trip, "user_id": "ann", "role": "organiser"}
        tables.insert(connection, "member", [{**place, "joined_at": 7, "read_seq": 0}])
        said = [
            {
                "id": f"{trip}{n}",
                "trip_id": trip,
                "seq": n,
                "author_id": "ann",
                "client_id": f"c{n}",
                "kind": "text",
                "body": sealed(sealer, trip, n),
                "sent_at": 1000 + n,
            }
            for n in range(count, 0, -1)
        ]
        tables.insert(connection, "message", said)


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


@pytest.mark.only("sqlite")
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
    there = await asyncio.to_thread(tables.directly, first, tables.names)
    assert {"version", "reaction", "mention"}.isdisjoint(there)
    await asyncio.to_thread(migrations.upgrade, first)
    await storage.open_storage(first)
    last_rev, window = await messages.window("lisbon", 100)
    assert last_rev == 70
    said = [each["body"]["text"] for each in window[:5]]
    gone = "This message cannot be opened."  # the first version knows no deleted messages
    assert said == ["message 1", "edited @Ann", gone, "message 4", "message 5"]
    await storage.close_storage()
