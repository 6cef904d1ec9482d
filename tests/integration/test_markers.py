"""How far each member has read."""

import asyncio

import pytest

from tests.integration.conftest import NewPerson, NewTrip, Say, Unchanged
from tripchat.errors import NotAMember
from tripchat.hub import Change, ReadMoved
from tripchat.services import members, reading, trips


async def test_a_read_marker_moves_forward_only_and_not_beyond_the_end(
    ann: str, ben: str, trip_of: NewTrip, say: Say, heard: list[Change]
):
    trip = await trip_of(ann, ben)
    for n in range(5):
        await say(ben, trip, f"c{n}")
    heard.clear()
    for seq in (3, 2, 3, 99, 5, 0, 2**53 - 1):
        await reading.mark_read(ann, trip, seq)
    assert heard == [ReadMoved(trip, ann, 3), ReadMoved(trip, ann, 5)]
    assert (await trips.get(ann, trip))["read_seq"] == 5
    assert [each["read_seq"] for each in await members.members(trip)] == [5, 5]


async def test_in_a_trip_without_messages_there_is_nothing_to_read(
    ann: str, trip_of: NewTrip, unchanged: Unchanged
):
    trip = await trip_of(ann)
    async with unchanged():
        await reading.mark_read(ann, trip, 1)


async def test_markers_that_move_at_once(
    person: NewPerson, trip_of: NewTrip, say: Say, heard: list[Change]
):
    author = await person("Author")
    people = [await person(f"P{n}") for n in range(30)]
    trip = await trip_of(author, *people)
    for n in range(4):
        await say(author, trip, f"c{n}")
    heard.clear()
    await asyncio.gather(
        *(reading.mark_read(one, trip, seq) for seq in (2, 4, 1, 3) for one in people)
    )
    assert [each["read_seq"] for each in await members.members(trip)] == [4] * 31
    told: dict[str, list[int]] = {one: [] for one in people}
    for change in heard:
        assert isinstance(change, ReadMoved)
        told[change.user_id].append(change.seq)
    for moves in told.values():
        assert moves == sorted(set(moves))
        assert moves[-1] == 4


async def test_those_that_wait_together_are_written_together(
    ann: str,
    ben: str,
    cem: str,
    trip_of: NewTrip,
    say: Say,
    statements: list[str],
    heard: list[Change],
):
    trip = await trip_of(ann, ben, cem)
    for n in range(4):
        await say(cem, trip, f"c{n}")
    statements.clear()
    heard.clear()
    moves = [(ben, 3), (ann, 1), (ben, 2), (ann, 4), (ben, 3)]
    await asyncio.gather(
        *(reading._markers.commit(reading._Marker(trip, who, seq)) for who, seq in moves)
    )
    assert sum(statement.startswith("BEGIN") for statement in statements) == 1
    assert [each["read_seq"] for each in await members.members(trip)] == [4, 3, 4]
    assert len(heard) == 2
    assert set(heard) == {ReadMoved(trip, ann, 4), ReadMoved(trip, ben, 3)}


async def test_each_member_has_one_marker_per_trip(
    ann: str, ben: str, cem: str, trip_of: NewTrip, say: Say
):
    trip, other = await trip_of(ann, ben, cem), await trip_of(ann, ben, cem)
    for n in range(3):
        await say(cem, trip, f"c{n}")
        await say(cem, other, f"c{n}")
    await asyncio.gather(reading.mark_read(ben, trip, 2), reading.mark_read(ann, other, 1))
    read = [
        (await trips.get(who, where))["read_seq"] for who in (ann, ben) for where in (trip, other)
    ]
    assert read == [0, 1, 2, 0]


async def test_who_had_read_all_has_read_what_they_write(
    ann: str, ben: str, trip_of: NewTrip, say: Say, heard: list[Change]
):
    trip = await trip_of(ann, ben)
    await say(ann, trip, "c1")
    await say(ann, trip, "c2")
    await say(ben, trip, "c3")
    assert [each["read_seq"] for each in await members.members(trip)] == [2, 0]
    moves = [change for change in heard if isinstance(change, ReadMoved)]
    assert moves == [ReadMoved(trip, ann, 1), ReadMoved(trip, ann, 2)]


async def test_who_left_meanwhile_moves_no_marker(
    ann: str, ben: str, trip_of: NewTrip, say: Say, unchanged: Unchanged
):
    trip = await trip_of(ann, ben)
    await say(ann, trip, "c1")
    await members.remove(ann, trip, ben)
    async with unchanged():
        with pytest.raises(NotAMember):
            await reading.mark_read(ben, trip, 1)
        # The one that was checked before and is written afterwards.
        await reading._markers.commit(reading._Marker(trip, ben, 1))
