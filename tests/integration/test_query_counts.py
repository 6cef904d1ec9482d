"""How many statements the frequent calls make, however much there is."""

import re

import pytest

from tests.integration.conftest import NewPerson, NewTrip, Say
from tripchat import db
from tripchat.db.postgresql import PostgreSQL
from tripchat.services import members, messages, reading, receipts, sessions, trips


@pytest.fixture
async def busy_trip(person: NewPerson, trip_of: NewTrip, say: Say) -> tuple[str, str]:
    """Somebody in twelve trips, and the last of them, with five people and sixty messages."""
    people = [await person(f"P{n}") for n in range(5)]
    for _ in range(11):
        trip = await trip_of(*people)
        await say(people[1], trip, "c1")
    trip = await trip_of(*people)
    for n in range(60):
        await say(people[n % 5], trip, f"c{n}")
    await receipts.drain()
    return people[0], trip


def table_of(statement: str) -> str:
    """The table that a query reads from."""
    found = re.search(r"FROM (\w+)", statement)
    assert found
    return found[1]


def verbs(statements: list[str]) -> list[str]:
    """What each statement does. That PostgreSQL locks the trip first is not among them."""
    rest = [statement for statement in statements if "FOR NO KEY" not in statement]
    found = [statement.split()[0].replace("WITH", "SELECT") for statement in rest]
    locks = len(statements) - len(found)
    assert locks == (
        isinstance(db.engines(), PostgreSQL) and found[0] == "BEGIN" and "SELECT" in found
    )
    return found


async def test_a_send(busy_trip: tuple[str, str], say: Say, statements: list[str]):
    await say(*busy_trip, "new")
    assert verbs(statements) == ["BEGIN", "SELECT", "INSERT", "UPDATE"]


async def test_what_became_of_many_messages_is_written_at_once(
    busy_trip: tuple[str, str], say: Say, statements: list[str]
):
    for n in range(100):
        await say(*busy_trip, f"more{n}")
    assert not any(statement.startswith("UPDATE message") for statement in statements)
    statements.clear()
    await receipts.drain()
    assert verbs(statements) == ["BEGIN", "UPDATE"]


async def test_a_repeated_send(busy_trip: tuple[str, str], say: Say, statements: list[str]):
    await say(*busy_trip, "c0")
    assert verbs(statements) == ["BEGIN", "SELECT"]


async def test_a_page(busy_trip: tuple[str, str], statements: list[str]):
    assert len((await messages.page(*busy_trip, limit=50))["messages"]) == 50
    assert [table_of(statement) for statement in statements] == ["trip", "message", "reaction"]


async def test_a_page_with_replies(busy_trip: tuple[str, str], statements: list[str]):
    for n in range(10):
        body = {"text": "re"}
        await messages.send(*busy_trip, f"re{n}", body=body, reply_to_seq=1 + n)
    await receipts.drain()
    statements.clear()
    await messages.page(*busy_trip, limit=50)
    assert [table_of(statement) for statement in statements] == [
        "trip",
        "message",
        "reaction",
        "message",
    ]


async def test_what_became_of_a_message(busy_trip: tuple[str, str], statements: list[str]):
    await messages.receipt(*busy_trip, 1)
    assert [table_of(statement) for statement in statements] == ["trip", "message"]


async def test_my_trips(busy_trip: tuple[str, str], statements: list[str]):
    assert len(await trips.mine(busy_trip[0])) == 12
    assert len(statements) == 1


async def test_what_a_room_reads(busy_trip: tuple[str, str], statements: list[str]):
    _, trip = busy_trip
    await trips.describe(trip)
    await members.members(trip)
    await messages.window(trip, 60)
    assert [table_of(statement) for statement in statements] == [
        "trip",
        "member",
        "trip",
        "message",
        "reaction",
    ]


async def test_reading_on(busy_trip: tuple[str, str], statements: list[str]):
    await reading.mark_read(*busy_trip, 60)
    assert verbs(statements) == ["SELECT", "BEGIN", "UPDATE"]
    statements.clear()
    await reading.mark_read(*busy_trip, 60)
    assert len(statements) == 1


async def test_who_a_session_is(busy_trip: tuple[str, str], statements: list[str]):
    token = await sessions.start(busy_trip[0])
    statements.clear()
    assert await sessions.identify(token)
    assert len(statements) == 1
