"""PostgreSQL finds what it is asked for through indexes, however much there is."""

import asyncio
import re
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import event, text

from tests.integration.conftest import NewPerson, NewTrip, Say
from tripchat import db
from tripchat.db import postgresql
from tripchat.services import (
    following,
    members,
    messages,
    reactions,
    reading,
    receipts,
    sessions,
    trips,
)
from tripchat.services.following import Position
from tripchat.settings import Settings

pytestmark = pytest.mark.only("postgresql")

MANY = 100_000

Asked = list[tuple[str, tuple[Any, ...]]]


@pytest.fixture
def asked(opened: Settings) -> Iterator[Asked]:
    """Every statement with its parameters that reaches the database from now on."""
    seen: Asked = []

    def note(_link: object, _cursor: object, statement: str, given: Any, *_rest: object) -> None:
        seen.append((statement, given[0] if isinstance(given, list) else given))

    engines = [db.engines().reading.sync_engine, db.engines().writing.sync_engine]
    for engine in engines:
        event.listen(engine, "before_cursor_execute", note)
    yield seen
    for engine in engines:
        event.remove(engine, "before_cursor_execute", note)


@pytest.fixture
async def large(
    person: NewPerson, trip_of: NewTrip, monkeypatch: pytest.MonkeyPatch
) -> tuple[str, str]:
    """Somebody in a trip with as many messages as all others have together."""
    monkeypatch.setattr(postgresql, "ANSWER_SECONDS", 120)
    people = [await person(f"P{n}") for n in range(20)]
    trip = [await trip_of(*people) for _ in range(40)][-1]
    fill = (
        """INSERT INTO message (id, trip_id, seq, rev, author_id, client_id, kind, body,
             sent_at, deleted_at)
           SELECT trip.id || n, trip.id, n, n, created_by, 'c' || n, 'text', '\\x', n, n
           FROM trip, generate_series(
             1, CASE WHEN trip.id = :trip THEN CAST(:many AS int) ELSE CAST(:rest AS int) END
           ) n""",
        """INSERT INTO mention (trip_id, user_id, seq)
           SELECT trip_id, author_id, seq FROM message WHERE seq % 10 = 0""",
        """INSERT INTO reaction (trip_id, seq, user_id, emoji, rev)
           SELECT trip_id, seq, author_id, 'x', rev FROM message""",
        """UPDATE trip SET last_seq = (SELECT max(seq) FROM message WHERE trip_id = trip.id),
           last_rev = (SELECT max(seq) FROM message WHERE trip_id = trip.id)""",
        """INSERT INTO session
           (id, handle, user_id, created_at, expires_at, last_seen_at, user_agent)
           SELECT 's' || n, 'h' || n, created_by, 1, 2, 1, '' FROM trip, generate_series(1, 50) n
           WHERE trip.id = :trip""",
        "ANALYZE",
    )
    async with db.transaction() as session:
        await session.execute(text("SET LOCAL statement_timeout = 0"))
        for statement in fill:
            counts = {"trip": trip, "many": MANY // 2, "rest": MANY // 80}
            given = {name: value for name, value in counts.items() if f":{name}" in statement}
            await session.execute(text(statement), given)
    return people[0], trip


async def plan_of(statement: str, given: tuple[Any, ...]) -> str:
    async with db.read_connection() as connection:
        rows = await connection.exec_driver_sql(f"EXPLAIN {statement}", given)
        return "\n".join(rows.scalars())


async def pages_of(statement: str, given: tuple[Any, ...]) -> int:
    """How many of the database's pages it looks at."""
    async with db.read_connection() as connection:
        explain = f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {statement}"
        told = (await connection.exec_driver_sql(explain, given)).scalar_one()
        plan = told[0]["Plan"]
        return plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]


async def test_nothing_that_grows_is_read_from_end_to_end(
    large: tuple[str, str], asked: Asked, say: Say
):
    me, trip = large
    last = MANY // 2
    token = await sessions.start(me)
    asked.clear()
    await sessions.identify(token)
    await say(me, trip, "new")
    await messages.send(me, trip, "re", body={"text": "re @P3"}, reply_to_seq=last + 1)
    await receipts.drain()
    await reading.mark_read(me, trip, last // 2)
    await trips.get(me, trip)
    await trips.mine(me)
    await messages.window(trip, 60)
    await messages.page(me, trip)
    await messages.page(me, trip, before=last // 2)
    await messages.page(me, trip, after=last // 3)
    await messages.changed(trip, last - 10)
    await messages.changes(me, trip, last - 10, 1, last)
    await reading.unread_mentions(me, trip)
    await reactions.react(me, trip, last + 1, "👍")
    await following.next_changes(me, trip, Position(last, last - 20))
    await following.next_changes(me, trip, Position(last, last))
    await members.members(trip)
    assert len(asked) > 30
    for statement, given in dict(asked).items():
        plan = await plan_of(statement, given)
        scanned = set(re.findall(r"Seq Scan on \"?(\w+)", plan))
        assert not scanned & {"message", "mention", "reaction", "version"}, f"{statement}\n{plan}"
        # Read in the order of an index, or few: nothing is sorted that grows with the trip.
        for rows in re.findall(r"Sort  \(cost=\S+ rows=(\d+)", plan):
            assert int(rows) <= 1000, f"{statement}\n{plan}"


async def test_messages_at_once_read_little_of_a_trip_that_has_grown_a_lot(
    large: tuple[str, str], asked: Asked
):
    _, trip = large
    async with db.transaction() as session:
        # As before its first ANALYZE, or long after the last one.
        await session.execute(
            text("DELETE FROM pg_statistic WHERE starelid = CAST('message' AS regclass)")
        )
        await session.execute(
            text("UPDATE pg_class SET reltuples = -1, relpages = 0 WHERE relname = 'message'")
        )
    others = [member["user_id"] for member in (await members.members(trip))][:10]
    asked.clear()
    await asyncio.gather(
        *(
            messages.send(who, trip, f"new{n}", body={"text": "new"})
            for n in range(6)
            for who in others
        )
    )
    looks = {statement: given for statement, given in asked if "client_id) IN" in statement}
    assert looks
    for statement, given in looks.items():
        pages = await pages_of(statement, given)
        assert pages < 1000, statement
