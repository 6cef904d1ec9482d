"""A database whose sessions have no names yet."""

import asyncio
from typing import Any

import pytest
from alembic import command
from sqlalchemy import Connection

from tests.kit import tables
from tripchat import clock, migrations, storage
from tripchat.services import devices, sessions
from tripchat.settings import Settings

COUNT = 5
TOKENS = [f"token {n}" for n in range(COUNT)]


@pytest.fixture
def third(settings: Settings) -> Settings:
    """The settings of a database that knows the first three migrations only."""
    command.downgrade(migrations.config(settings), "base")
    command.upgrade(migrations.config(settings), "0003")
    tables.directly(settings, fill)
    return settings


def fill(connection: Connection) -> None:
    ann = {"id": "ann", "name": "Ann", "email": "a@b.c", "password_hash": "-", "created_at": 5}
    tables.insert(connection, "user", [ann])
    began = {"user_id": "ann", "created_at": 6, "user_agent": "curl/8.5"}
    ends = clock.now() + clock.DAY
    given = [{"id": sessions.session_id(token), "expires_at": ends, **began} for token in TOKENS]
    tables.insert(connection, "session", given)


async def test_whoever_was_signed_in_stays_so_and_knows_their_devices(third: Settings):
    await asyncio.to_thread(migrations.upgrade, third)
    await storage.open_storage(third)
    for token in TOKENS:
        who = await sessions.identify(token)
        assert who is not None
        found = await devices.mine(who)
        assert len({device["session_id"] for device in found}) == COUNT
        assert {device["signed_in_at"] for device in found} == {6}
        assert all(clock.now() - device["last_seen_at"] < clock.HOUR for device in found)
    await storage.close_storage()


async def test_the_way_back_forgets_that_and_nothing_else(third: Settings):
    before = await sessions_of(third)
    await asyncio.to_thread(migrations.upgrade, third)
    assert await sessions_of(third) != before
    await asyncio.to_thread(command.downgrade, migrations.config(third), "0003")
    assert await sessions_of(third) == before


async def sessions_of(settings: Settings) -> tuple[list[Any], list[Any]]:
    """The columns of a session, and all that is stored of them."""
    return await asyncio.to_thread(
        tables.directly, settings, lambda link: tables.rows(link, "session", "id")
    )
