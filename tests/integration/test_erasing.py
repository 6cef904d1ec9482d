"""What is erased is gone: from what people see, from the tables, and from the bytes on disk."""

from __future__ import annotations

import asyncio
import secrets
from pathlib import Path

import pytest
from sqlalchemy import select, text
from sqlmodel import SQLModel, col

from tests.integration.conftest import NewPerson, NewTrip, Say, dump
from tests.kit.mailbox import mails_to, reset_links
from tripchat import db
from tripchat.db.postgresql import PostgreSQL
from tripchat.errors import Invalid, NotAMember, NotFound, NotSignedIn, Unavailable
from tripchat.hub import (
    Change,
    MemberLeft,
    MembersChanged,
    MessageChanged,
    PersonRenamed,
    Reacted,
    SessionEnded,
    TripErased,
    TripsChanged,
)
from tripchat.local.postgres import LocalPostgres
from tripchat.models import Message, Version
from tripchat.services import (
    editing,
    erasing,
    invites,
    members,
    messages,
    people,
    reactions,
    reading,
    receipts,
    resets,
    sessions,
    trips,
)
from tripchat.settings import Settings

PASSWORD = "correct horse battery"


@pytest.fixture(autouse=True)
def wipes_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(erasing, "WIPE_EVERY_SECONDS", 0.0)


@pytest.fixture
async def eve(opened: Settings) -> str:
    """Somebody whose name and email are like nothing else, and who has a password."""
    person = await people.sign_up("Evelyn Abendroth", "evelyn@abendroth.example", PASSWORD)
    return person["user_id"]


async def live_in(trip: str, *them: str) -> None:
    """Do everything that one can do in a trip."""
    for n, user_id in enumerate(them):
        sent = await messages.send(user_id, trip, f"first{n}", body={"text": secrets.token_hex(20)})
        seq = sent.message["seq"]
        await editing.edit(user_id, trip, seq, {"text": f"@Ben {secrets.token_hex(300)}"})
        await messages.send(user_id, trip, f"re{n}", body={"text": "re"}, reply_to_seq=seq)
        for other in them:
            await reactions.react(other, trip, seq, "👍")
        await reading.mark_read(user_id, trip, seq)
        await invites.create(user_id, trip)
    await receipts.drain()


async def sealed_in(trip: str, author: str | None = None) -> list[bytes]:
    """Pieces of every sealed body of a trip, or of those of one author."""
    whose = col(Message.author_id) == author if author else col(Message.trip_id) == trip
    of_messages = select(col(Message.body)).where(whose, col(Message.trip_id) == trip)
    of_versions = (
        select(col(Version.body))
        .join(
            Message,
            (col(Message.trip_id) == col(Version.trip_id)) & (col(Message.seq) == col(Version.seq)),
        )
        .where(whose, col(Version.trip_id) == trip)
    )
    async with db.reading() as session:
        bodies = [*await session.scalars(of_messages), *await session.scalars(of_versions)]
    # A long body does not lie in one piece: it is spread over pages.
    return [body[at : at + 24] for body in bodies for at in range(5, len(body) - 23, 24)]


@pytest.fixture
def folder(request: pytest.FixtureRequest, opened: Settings) -> Path:
    """Where the database keeps its data, apart from PostgreSQL's log of what it did."""
    if opened.database.startswith("sqlite"):
        return opened.data
    postgres: LocalPostgres = request.getfixturevalue("postgres")
    return postgres._folder / "postgres" / "base"


async def lying_in(folder: Path, pieces: list[bytes]) -> int:
    """How many of these pieces lie in a database's files."""
    if isinstance(db.engines(), PostgreSQL):
        async with db.read_connection() as connection:
            await connection.execute(text("CHECKPOINT"))
    return await asyncio.to_thread(_count, folder, pieces)


def _count(folder: Path, pieces: list[bytes]) -> int:
    files = [file.read_bytes() for file in folder.glob("**/*") if file.is_file()]
    return sum(any(piece in file for file in files) for piece in pieces)


# A trip.


async def test_of_an_erased_trip_nothing_is_left(
    ann: str, ben: str, trip_of: NewTrip, heard: list[Change]
):
    other = await trip_of(ann, ben, title="Other")
    await live_in(other, ann, ben)
    before = await dump()
    trip = await trip_of(ann, ben, title="Lisbon")
    await live_in(trip, ann, ben)
    heard.clear()
    await erasing.erase_trip(ann, trip, " Lisbon ")
    assert heard == [
        *(MemberLeft(trip, user_id) for user_id in sorted([ann, ben])),
        TripErased(trip),
        *(TripsChanged(user_id) for user_id in sorted([ann, ben])),
    ]
    after = await dump()
    [entry] = after.pop("audit_entry")
    assert before.pop("audit_entry") == []
    assert (entry.trip_id, entry.actor_id, entry.deed) == (trip, ann, "trip-erased")
    assert after == before
    assert trip not in str(after)
    for refused in (
        messages.page(ann, trip),
        trips.get(ben, trip),
        erasing.erase_trip(ann, trip, ""),
    ):
        with pytest.raises(NotFound):
            await refused


async def test_of_an_erased_trip_the_files_hold_nothing(
    folder: Path, ann: str, ben: str, trip_of: NewTrip
):
    trip, other = await trip_of(ann, ben, title="Reykjavik Ring Road"), await trip_of(ann, ben)
    for each in (trip, other):
        await live_in(each, ann, ben)
    pieces, others = await sealed_in(trip), await sealed_in(other)
    pieces.append(b"Reykjavik Ring Road")
    assert await lying_in(folder, pieces) > 0.9 * len(pieces)
    await erasing.erase_trip(ann, trip, "Reykjavik Ring Road")
    assert await lying_in(folder, pieces) == 0
    assert await lying_in(folder, others) > 0.9 * len(others)


async def test_only_an_organiser_who_says_its_title_erases_a_trip(
    ann: str, ben: str, trip_of: NewTrip, person: NewPerson
):
    trip, cleo = await trip_of(ann, ben, title="Lisbon"), await person("Cleo")
    before = await dump()
    for user_id in (ben, cleo):
        with pytest.raises(NotAMember):
            await erasing.erase_trip(user_id, trip, "Lisbon")
    for title in ("lisbon", "", None, ["Lisbon"]):
        with pytest.raises(Invalid) as raised:
            await erasing.erase_trip(ann, trip, title)
        assert raised.value.field == "title"
    with pytest.raises(NotFound):
        await erasing.erase_trip(ann, "nosuchtrip12", "Lisbon")
    assert await dump() == before


# A person.


async def test_of_an_erased_person_only_their_places_are_left(
    opened: Settings, ann: str, eve: str, trip_of: NewTrip, heard: list[Change]
):
    trip = await trip_of(ann, eve)
    await live_in(trip, ann, eve)
    resets.ask("evelyn@abendroth.example", "https://trips.example")
    [link] = await reset_links(opened.data, "evelyn@abendroth.example")
    token = await sessions.start(eve, "Firefox")
    code = (await invites.create(eve, trip))["code"]
    seen = await messages.page(ann, trip)
    heard.clear()
    await erasing.erase_person(eve, PASSWORD)
    assert heard[:4] == [
        SessionEnded(sessions.session_id(token)),
        MemberLeft(trip, eve),
        MembersChanged(trip),
        PersonRenamed(eve, "Former member", (trip,)),
    ]
    page = await messages.page(ann, trip)
    for message, before in zip(page["messages"], seen["messages"], strict=True):
        if message["author_id"] == eve:
            assert message.get("deleted")
            assert message["body"] == {}
        else:
            assert message["body"] == before["body"]
        assert eve not in message.get("reactions", {})
    assert [m["rev"] for m in page["messages"]] != [m["rev"] for m in seen["messages"]]
    changes = [each for each in heard if isinstance(each, MessageChanged | Reacted)]
    revs = [
        each.message["rev"] if isinstance(each, MessageChanged) else each.rev for each in changes
    ]
    assert revs == list(range(seen["last_rev"] + 1, page["last_rev"] + 1))
    [_, gone] = await members.members(trip)
    assert (gone["name"], gone["left"], gone["read_seq"]) == ("Former member", True, 0)
    stored = str(await dump())
    for secret in ("Evelyn", "evelyn", "abendroth", code):
        assert secret not in stored
    assert await sessions.identify(token) is None
    for password in (PASSWORD, ""):
        for email in ("evelyn@abendroth.example", f"erased {eve}"):
            with pytest.raises(NotSignedIn):
                await people.authenticate(email, password)
    with pytest.raises(NotFound):
        await invites.look(code)
    with pytest.raises(NotFound):
        await resets.redeem(link.rpartition("/")[2], "seven green umbrellas")
    assert mails_to(opened.data, "evelyn@abendroth.example") == []
    again = await people.sign_up("Evelyn Abendroth", "evelyn@abendroth.example", PASSWORD)
    assert again["user_id"] != eve
    assert await trips.mine(again["user_id"]) == []


async def test_of_an_erased_person_the_files_hold_nothing(
    folder: Path, ann: str, eve: str, trip_of: NewTrip
):
    trip = await trip_of(ann, eve)
    await live_in(trip, ann, eve)
    await sessions.start(eve, "Firefox on a boat")
    pieces, others = await sealed_in(trip, eve), await sealed_in(trip, ann)
    pieces += [b"Evelyn", b"evelyn@abendroth", b"Firefox on a boat"]
    assert await lying_in(folder, pieces) > 0.9 * len(pieces)
    await erasing.erase_person(eve, PASSWORD)
    assert await lying_in(folder, pieces) == 0
    assert await lying_in(folder, others) > 0.9 * len(others)


async def test_trips_go_on_without_who_was_erased(
    ann: str, ben: str, eve: str, trip_of: NewTrip, heard: list[Change]
):
    organised = await trip_of(eve, ben, ann)
    alone = await trip_of(eve)
    was_in = await trip_of(ann, eve)
    await live_in(was_in, eve)
    await members.leave(eve, was_in)
    await erasing.erase_person(eve, PASSWORD)
    assert (await trips.get(ben, organised))["role"] == "organiser"
    assert (await trips.get(ann, organised))["role"] == "member"
    assert TripErased(alone) in heard
    assert alone not in str({**await dump(), "audit_entry": None})
    page = await messages.page(ann, was_in)
    assert all(message.get("deleted") for message in page["messages"])


async def test_only_who_knows_the_password_erases_an_account(eve: str):
    before = await dump()
    for password in ("wrong", "", None, [PASSWORD]):
        with pytest.raises(Invalid) as raised:
            await erasing.erase_person(eve, password)
        assert raised.value.field == "password"
    assert await dump() == before


async def test_more_than_go_together(
    ann: str, eve: str, trip_of: NewTrip, say: Say, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(erasing, "PER_TRANSACTION", 2)
    trip, other = await trip_of(ann, eve, title="Lisbon"), await trip_of(ann, eve)
    for each in (trip, other):
        for n in range(7):
            await say(eve, each, f"c{n}")
            await reactions.react(eve, each, n + 1, "👍")
    await erasing.erase_trip(ann, trip, "Lisbon")
    await erasing.erase_person(eve, PASSWORD)
    stored = await dump()
    assert [row.body for row in stored["message"]] == [b""] * 7
    assert stored["reaction"] == stored["erasure"] == []


# What is not finished.


async def test_what_was_begun_is_finished_by_whoever_starts_next(
    ann: str, eve: str, trip_of: NewTrip, monkeypatch: pytest.MonkeyPatch
):
    trip, other = await trip_of(ann, eve, title="Lisbon"), await trip_of(ann, eve)
    for each in (trip, other):
        await live_in(each, ann, eve)

    async def die(_trip_id: str) -> None:
        raise Unavailable("The power went.")

    with monkeypatch.context() as broken:
        broken.setattr(erasing, "_sweep_trip", die)
        broken.setattr(erasing, "_sweep_person", die)
        with pytest.raises(Unavailable):
            await erasing.erase_trip(ann, trip, "Lisbon")
        with pytest.raises(Unavailable):
            await erasing.erase_person(eve, PASSWORD)
    # Nobody sees any of it any more, though.
    with pytest.raises(NotAMember):
        await messages.page(ann, trip)
    assert "Evelyn" not in str(await dump())
    await erasing.finish()
    stored = await dump()
    assert stored["erasure"] == []
    assert [row.trip_id for row in stored["message"]] == [other] * 4
    assert all((row.body == b"") == (row.author_id == eve) for row in stored["message"])


async def test_files_are_not_wiped_more_often_than_others_can_bear(
    ann: str, trip_of: NewTrip, monkeypatch: pytest.MonkeyPatch
):
    wiped: list[tuple[str, ...]] = []

    async def wipe(*tables: str) -> None:
        wiped.append(tables)

    monkeypatch.setattr(erasing, "WIPE_EVERY_SECONDS", 60.0)
    monkeypatch.setattr(erasing, "_wiped_at", float("-inf"))
    monkeypatch.setattr(db, "wipe", wipe)
    for _ in range(3):
        await erasing.erase_trip(ann, await trip_of(ann, title="Lisbon"), "Lisbon")
    assert len(wiped) == 1
    assert len((await dump())["erasure"]) == 2
    monkeypatch.setattr(erasing, "_wiped_at", float("-inf"))
    await erasing.finish()
    assert len(wiped) == 2
    assert (await dump())["erasure"] == []


def test_every_table_is_thought_of():
    """Whoever adds a table about people, trips or messages says what erasing does there."""
    refers = {
        table.name
        for table in SQLModel.metadata.sorted_tables
        if {key.column.table.name for key in table.foreign_keys} & {"user", "trip", "message"}
    }
    assert refers == {
        *(
            "attachment",
            "invite",
            "member",
            "mention",
            "message",
            "password_reset",
            "reaction",
            "session",
            "trip",
            "version",
        ),
    }
