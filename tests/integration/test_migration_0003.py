"""A database that was filled before broadcasts were kept."""

import asyncio
from typing import Any

import pytest
from alembic import command
from sqlalchemy import Connection

from tests.kit import tables
from tripchat import keyring, migrations, storage
from tripchat.sealing import Sealer
from tripchat.services import messages, receipts
from tripchat.settings import Settings
from tripchat.views import MessageView

COUNT = 30


@pytest.fixture
def second(settings: Settings) -> Settings:
    """The settings of a database that knows the first two migrations only."""
    command.downgrade(migrations.config(settings), "base")
    command.upgrade(migrations.config(settings), "0002")
    sealer = Sealer(*keyring.load(settings))
    tables.directly(settings, lambda link: fill(link, sealer))
    return settings


def fill(connection: Connection, sealer: Sealer) -> None:
    known = sealer.seal(*storage._PLACE, storage._KNOWN)
    tables.insert(connection, "seal", [{"id": 1, "known": known}])
    ann = {"id": "ann", "name": "Ann", "email": "a@b.c", "password_hash": "-", "created_at": 5}
    tables.insert(connection, "user", [ann])
    counted = {"last_seq": COUNT, "last_rev": COUNT, "created_by": "ann", "created_at": 6}
    tables.insert(connection, "trip", [{"id": "lisbon", "title": "T", **counted}])
    place = {"trip_id": "lisbon", "user_id": "ann", "role": "organiser"}
    tables.insert(connection, "member", [{**place, "joined_at": 7, "read_seq": 0}])
    said = [
        {
            "id": f"m{n}",
            "trip_id": "lisbon",
            "seq": n,
            "rev": n,
            "author_id": "ann",
            "client_id": f"c{n}",
            "kind": "text",
            "body": sealer.seal("lisbon", f"m{n}", b'{"text": "hello"}'),
            "sent_at": 1000 + n,
        }
        for n in range(1, COUNT + 1)
    ]
    tables.insert(connection, "message", said)


async def read(settings: Settings) -> list[MessageView]:
    await storage.open_storage(settings)
    _, found = await messages.window("lisbon", 100)
    await storage.close_storage()
    return found


async def test_of_what_was_sent_before_nobody_knows_it(second: Settings):
    await asyncio.to_thread(migrations.upgrade, second)
    found = await read(second)
    assert [message["seq"] for message in found] == list(range(1, COUNT + 1))
    assert not any("broadcast_at" in message for message in found)
    await storage.open_storage(second)
    unknown = {"broadcast_at": None, "reached": None}
    assert await messages.receipt("ann", "lisbon", 1) == unknown
    again = await messages.send("ann", "lisbon", "c1", body={"text": "hello"})
    assert (again.repeated, again.broadcast_at) == (True, 1001)
    sent = await messages.send("ann", "lisbon", "new", body={"text": "hello"})
    await receipts.drain()
    assert (await messages.window("lisbon", 1))[1] == [sent.message]
    await storage.close_storage()


async def test_the_way_back_forgets_that_and_nothing_else(second: Settings):
    before = await messages_of(second)
    await asyncio.to_thread(migrations.upgrade, second)
    assert await messages_of(second) != before
    await asyncio.to_thread(command.downgrade, migrations.config(second), "0002")
    assert await messages_of(second) == before
    await asyncio.to_thread(migrations.upgrade, second)
    assert len(await read(second)) == COUNT


async def messages_of(settings: Settings) -> tuple[list[Any], list[Any]]:
    """The columns of a message, and all that is stored of them."""
    return await asyncio.to_thread(
        tables.directly, settings, lambda link: tables.rows(link, "message", "seq")
    )
