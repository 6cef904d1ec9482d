import asyncio
import itertools
import re
from typing import Any

import pytest
from sqlalchemy import insert, update
from sqlmodel import col

from tests.integration.conftest import NewPerson, NewTrip, Say
from tripchat import db
from tripchat.errors import Invalid, NotAMember, NotFound
from tripchat.models import Message, Trip
from tripchat.services import editing, messages, opening, trips


async def fill(trip_id: str, author_id: str, count: int) -> None:
    """Puts many messages into an empty trip at once."""
    rows = [
        {
            "id": f"{trip_id[:5]}{seq}",
            "trip_id": trip_id,
            "seq": seq,
            "rev": seq,
            "author_id": author_id,
            "client_id": f"c{seq}",
            "kind": "text",
            "body": opening.closed(trip_id, f"{trip_id[:5]}{seq}", {"text": f"message {seq}"}),
            "reply_to_seq": None,
            "sent_at": seq,
        }
        for seq in range(1, count + 1)
    ]
    async with db.transaction() as session:
        await session.execute(insert(Message), rows)
        counted = {"last_seq": count, "last_rev": count}
        await session.execute(update(Trip).where(col(Trip.id) == trip_id).values(counted))


async def test_every_page_is_what_its_bounds_say(ann: str, trip_of: NewTrip):
    trip, last = await trip_of(ann), 6
    await fill(trip, ann, last)
    bounds = [None, *range(last + 3)]
    for after, before, limit in itertools.product(bounds, bounds, range(1, last + 2)):
        wanted = [
            seq
            for seq in range(1, last + 1)
            if (after is None or seq > after) and (before is None or seq < before)
        ]
        page = await messages.page(ann, trip, after=after, before=before, limit=limit)
        got = [message["seq"] for message in page["messages"]]
        assert got == (wanted[-limit:] if after is None else wanted[:limit])
        assert page["complete"] == (len(wanted) <= limit)
        assert page["last_seq"] == last


async def test_reading_on_from_each_page_gives_everything_once(ann: str, trip_of: NewTrip):
    trip = await trip_of(ann)
    await fill(trip, ann, 23)
    forwards: list[int] = []
    while not (page := await messages.page(ann, trip, after=len(forwards), limit=5))["complete"]:
        forwards += [message["seq"] for message in page["messages"]]
    forwards += [message["seq"] for message in page["messages"]]
    assert forwards == list(range(1, 24))


async def test_reading_on_from_each_change_gives_every_changed_message(
    ann: str, trip_of: NewTrip, say: Say, monkeypatch: pytest.MonkeyPatch
):
    trip = await trip_of(ann)
    for number in range(1, 11):
        await say(ann, trip, f"c{number}")
    for version, seq in enumerate((3, 9, 5, 3, 1), 1):
        await editing.edit(ann, trip, seq, {"text": f"version {version}"})
    assert (await messages.page(ann, trip))["last_rev"] == 15
    monkeypatch.setattr(messages, "MOST_PER_PAGE", 2)
    after_rev, found, complete = 10, [], False
    while not complete:
        changed = await messages.changes(ann, trip, after_rev, 2, 8)
        assert changed["last_rev"] == 15
        found += [(each["seq"], each["rev"]) for each in changed["messages"]]
        complete = changed["complete"]
        after_rev = found[-1][1]
    assert found == [(5, 13), (3, 14)]
    assert (await messages.changes(ann, trip, 14, 2, 8))["messages"] == []


async def test_what_was_heard_and_what_is_read_are_the_same(ann: str, trip_of: NewTrip, say: Say):
    trip = await trip_of(ann)
    sent = [(await say(ann, trip, f"c{n}", f"text {n}")).message for n in range(5)]
    assert (await messages.page(ann, trip))["messages"] == sent
    assert await messages.window(trip, 3) == (5, sent[2:])
    assert await messages.changed(trip, 3) == sent[3:]
    assert await messages.changed(trip, 5) == []


async def test_pages_while_others_write_have_no_gap(ann: str, trip_of: NewTrip, say: Say):
    trip = await trip_of(ann)

    async def talk() -> None:
        for n in range(100):
            await say(ann, trip, f"c{n}")

    talking = asyncio.create_task(talk())
    seen = 0
    while seen < 100:
        page = await messages.page(ann, trip, after=seen, limit=7)
        seqs = [message["seq"] for message in page["messages"]]
        assert seqs == list(range(seen + 1, seen + 1 + len(seqs)))
        assert not page["complete"] or not seqs or seqs[-1] == page["last_seq"]
        seen += len(seqs)
    await talking


async def test_who_may_read(ann: str, ben: str, trip_of: NewTrip):
    trip = await trip_of(ann)
    with pytest.raises(NotAMember):
        await messages.page(ben, trip)
    with pytest.raises(NotFound):
        await messages.page(ben, "nosuchtrip12")


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"after": -1}, "after"),
        ({"after": "1"}, "after"),
        ({"before": 2**64}, "before"),
        ({"limit": 0}, "limit"),
        ({"limit": 201}, "limit"),
        ({"limit": True}, "limit"),
    ],
)
async def test_refused_bounds(ann: str, trip_of: NewTrip, given: dict[str, Any], field: str):
    trip = await trip_of(ann)
    with pytest.raises(Invalid) as raised:
        await messages.page(ann, trip, **given)
    assert raised.value.field == field


async def exchange_bodies(one: str, other: str) -> None:
    async with db.transaction() as session:
        first, second = await session.get_one(Message, one), await session.get_one(Message, other)
        first.body, second.body = second.body, first.body


async def test_a_message_moved_to_another_row_does_not_open(
    ann: str, trip_of: NewTrip, say: Say, caplog: pytest.LogCaptureFixture
):
    trip, other = await trip_of(ann), await trip_of(ann)
    first = await say(ann, trip, "c1", "the first secret")
    second = await say(ann, trip, "c2", "the second secret")
    third = await say(ann, trip, "c3", "the third secret")
    elsewhere = await say(ann, other, "c1", "the other secret")
    await exchange_bodies(first.message["id"], second.message["id"])
    await exchange_bodies(third.message["id"], elsewhere.message["id"])
    _, others = await messages.window(other, 10)
    for moved in (*(await messages.page(ann, trip))["messages"], *others):
        assert moved["kind"] == "unreadable"
        assert moved["body"] == {"text": "This message cannot be opened."}
    assert "seal is broken" in caplog.text
    assert "secret" not in caplog.text


async def test_one_broken_message_hides_no_other(ann: str, trip_of: NewTrip, say: Say):
    trip = await trip_of(ann)
    broken = await say(ann, trip, "c1", "one")
    await say(ann, trip, "c2", "two")
    async with db.transaction() as session:
        (await session.get_one(Message, broken.message["id"])).body = b"\x01nonsense"
    page = await messages.page(ann, trip)
    assert [message["kind"] for message in page["messages"]] == ["unreadable", "text"]
    assert (await trips.mine(ann))[0]["last_line"] == "two"


async def test_a_kind_whose_extension_is_gone_is_unreadable(ann: str, trip_of: NewTrip, say: Say):
    trip = await trip_of(ann)
    sent = await say(ann, trip, "c1")
    async with db.transaction() as session:
        (await session.get_one(Message, sent.message["id"])).kind = "carousel"
    assert (await messages.page(ann, trip))["messages"][0]["kind"] == "unreadable"


async def plan_of(statement: str) -> str:
    """How SQLite goes about a statement; its parameters do not matter to that."""
    async with db.read_connection() as connection:
        marks = statement.count("?")
        rows = await connection.exec_driver_sql(
            f"EXPLAIN QUERY PLAN {statement}", tuple("x" * marks)
        )
        return "\n".join(row.detail for row in rows)


@pytest.mark.only("sqlite")
async def test_a_trip_of_20000_messages_is_read_through_its_index(
    ann: str, trip_of: NewTrip, statements: list[str]
):
    trip = await trip_of(ann)
    await fill(trip, ann, 20_000)
    statements.clear()
    page = await messages.page(ann, trip, before=10_000)
    assert page["messages"][-1]["seq"] == 9_999
    await messages.page(ann, trip, after=19_990)
    await messages.window(trip, 60)
    await messages.changed(trip, 19_995)
    await messages.changes(ann, trip, 19_995, 1, 20_000)
    await trips.mine(ann)
    reads = [statement for statement in statements if "FROM message" in statement]
    assert len(reads) == 5
    for statement in [*reads, next(one for one in statements if "count(*)" in one)]:
        plan = await plan_of(statement)
        assert "SCAN" not in plan.replace("SCAN CONSTANT ROW", "")
        # Through (trip_id, seq) or (trip_id, rev): otherwise they would have to be sorted.
        assert re.search(
            r"SEARCH message USING INDEX \S+ \(trip_id=\?( AND (seq|rev)[=><].*)?\)", plan
        )
        assert "TEMP B-TREE" not in plan or statement not in reads


@pytest.mark.only("sqlite")
async def test_reactions_are_found_by_their_messages(
    ann: str, trip_of: NewTrip, statements: list[str]
):
    trip = await trip_of(ann)
    await fill(trip, ann, 100)
    statements.clear()
    await messages.changes(ann, trip, 99, 1, 100)
    plan = await plan_of(next(one for one in statements if "FROM reaction" in one))
    assert re.search(r"SEARCH reaction USING INDEX \S+ \(trip_id=\? AND seq=\?\)", plan)


@pytest.mark.only("sqlite")
async def test_a_send_looks_for_repeats_through_their_index(
    ann: str, trip_of: NewTrip, say: Say, statements: list[str]
):
    trip = await trip_of(ann)
    await fill(trip, ann, 100)
    statements.clear()
    await say(ann, trip, "new")
    plan = await plan_of(statements[1])
    assert "SCAN" not in plan.replace("SCAN CONSTANT ROW", "")
    assert "(trip_id=? AND client_id=? AND author_id=?)" in plan


async def test_what_one_writes_oneself_is_not_unread_when_all_before_was_read(
    ann: str, person: NewPerson, trip_of: NewTrip, say: Say
):
    bob = await person("Bob")
    trip = await trip_of(ann, bob)

    async def unread(user_id: str) -> int:
        [card] = await trips.mine(user_id)
        return card["last_seq"] - card["read_seq"]

    await say(ann, trip, "c1")
    await say(ann, trip, "c2")
    assert (await unread(ann), await unread(bob)) == (0, 2)
    await say(bob, trip, "c3")
    assert (await unread(ann), await unread(bob)) == (1, 3)
