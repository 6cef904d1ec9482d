"""An open database, people in it, and what they hear."""

import itertools
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import pytest
from sqlalchemy import event, select
from sqlmodel import SQLModel

from tripchat import clock, db, storage
from tripchat.db.postgresql import PostgreSQL
from tripchat.db.sqlite import SQLite
from tripchat.hub import Change
from tripchat.models import User
from tripchat.services import group_commit, invites, messages, receipts, trips
from tripchat.settings import Settings
from tripchat.views import Sent

NewPerson = Callable[[str], Coroutine[Any, Any, str]]
NewTrip = Callable[..., Coroutine[Any, Any, str]]
Say = Callable[..., Coroutine[Any, Any, Sent]]
Restarted = Callable[[], Coroutine[Any, Any, None]]
Unchanged = Callable[[], AbstractAsyncContextManager[None]]


@pytest.fixture
async def opened(settings: Settings) -> AsyncIterator[Settings]:
    """The storage of this test, open."""
    await storage.open_storage(settings)
    yield settings
    await group_commit.drain()
    await receipts.drain()
    await storage.close_storage()


@pytest.fixture
def person(opened: Settings) -> NewPerson:
    """Adds somebody, without the time a real password takes; gives their id."""

    async def add(name: str) -> str:
        user = User(name=name, email=f"{name.lower()}@example.org", password_hash="-")
        async with db.transaction() as session:
            session.add(user)
        return user.id

    return add


@pytest.fixture
async def ann(person: NewPerson) -> str:
    return await person("Ann")


@pytest.fixture
async def ben(person: NewPerson) -> str:
    return await person("Ben")


@pytest.fixture
async def cem(person: NewPerson) -> str:
    return await person("Cem")


@pytest.fixture
def trip_of() -> NewTrip:
    """Makes a trip of the first person, with the others as members; gives its id."""

    async def make(organiser: str, *others: str, title: str = "Lisbon") -> str:
        trip_id = (await trips.create(organiser, title))["trip_id"]
        invite = await invites.create(organiser, trip_id)
        for other in others:
            await invites.accept(other, invite["code"])
        return trip_id

    return make


@pytest.fixture
def say() -> Say:
    """Sends a text."""

    async def send(user_id: str, trip_id: str, client_id: str, text: str = "hello") -> Sent:
        return await messages.send(user_id, trip_id, client_id, body={"text": text})

    return send


async def dump() -> dict[str, list[Any]]:
    """All that is stored, table by table."""
    async with db.read_connection() as connection:
        return {
            table.name: sorted((await connection.execute(select(table))).all(), key=repr)
            for table in SQLModel.metadata.sorted_tables
        }


@pytest.fixture
def unchanged(opened: Settings, heard: list[Change]) -> Unchanged:
    """A block that must neither change what is stored nor publish anything."""

    @asynccontextmanager
    async def watch() -> AsyncIterator[None]:
        heard.clear()
        await receipts.drain()
        before = await dump()
        yield
        assert heard == []
        assert await dump() == before

    return watch


@pytest.fixture
def crashed(opened: Settings, monkeypatch: pytest.MonkeyPatch) -> Restarted:
    """Makes the process another one: what was only in its memory is forgotten."""

    async def crash() -> None:
        if (writing := receipts._writer._task) is not None:
            writing.cancel()
        monkeypatch.setattr(receipts, "_recent", OrderedDict())
        monkeypatch.setattr(receipts, "_writer", receipts._Writer())
        await storage.open_storage(opened)

    return crash


@pytest.fixture
def restarted(crashed: Restarted) -> Restarted:
    """The same, in an orderly manner."""

    async def restart() -> None:
        await receipts.drain()
        await crashed()

    return restart


@pytest.fixture
def ticking(monkeypatch: pytest.MonkeyPatch) -> None:
    """A second passes whenever somebody looks at the clock."""
    seconds = itertools.count(1_900_000_000)
    monkeypatch.setattr(clock, "now", lambda: next(seconds) * 1000)


@pytest.fixture
def statements(opened: Settings) -> list[str]:
    """Every statement that reaches the database from now on."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    engines = db.engines()
    for engine in (engines.reading.sync_engine, engines.writing.sync_engine):
        event.listen(engine, "before_cursor_execute", note)
    if isinstance(engines, PostgreSQL):
        # The driver begins by itself: one more round trip.
        event.listen(engines.writing.sync_engine, "begin", lambda _: seen.append("BEGIN"))
    if isinstance(engines, SQLite):
        event.listen(engines.direct, "before_cursor_execute", note)
    return seen
