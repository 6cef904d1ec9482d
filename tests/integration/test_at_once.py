"""What several people do at the same moment: what must hold whoever comes first."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from sqlalchemy import select
from sqlmodel import col

from tests.integration.conftest import NewPerson, NewTrip
from tripchat import db
from tripchat.db.postgresql import PostgreSQL
from tripchat.errors import Conflict, NotAMember, Refused
from tripchat.ids import new_id
from tripchat.models import Invite, Member, Trip
from tripchat.services import group_commit, invites, members, messages, people, reading
from tripchat.services.group_commit import GroupCommit
from tripchat.services.storing import Draft, store
from tripchat.settings import Settings
from tripchat.views import Sent

ROUNDS = 8


async def all_of(calls: list[Awaitable[Any]]) -> list[Any]:
    """What became of calls that are made at once: results and refusals, no other errors."""
    outcomes = await asyncio.gather(*calls, return_exceptions=True)
    for outcome in outcomes:
        if isinstance(outcome, BaseException) and not isinstance(outcome, Refused):
            raise outcome
    return outcomes


@asynccontextmanager
async def another() -> AsyncIterator[GroupCommit[Draft, Sent]]:
    """The sends of another worker."""
    worker = GroupCommit("messages", store, lane=lambda draft: draft.trip_id)
    yield worker
    await worker.drain()
    group_commit._all.remove(worker)


def draft(trip_id: str, author_id: str, client_id: str) -> Draft:
    body = {"text": client_id}
    return Draft(new_id(), trip_id, author_id, client_id, "text", body, body, None, [])


async def test_an_invite_lets_in_as_many_as_it_says(ann: str, person: NewPerson, trip_of: NewTrip):
    trip = await trip_of(ann)
    crowd = [await person(f"P{n}") for n in range(10)]
    code = (await invites.create(ann, trip, max_uses=3))["code"]
    outcomes = await all_of([invites.accept(each, code) for each in crowd])
    assert outcomes.count(trip) == 3
    assert sum(isinstance(outcome, Conflict) for outcome in outcomes) == 7
    assert len(await members.members(trip)) == 4
    async with db.reading() as session:
        assert (await session.get_one(Invite, code)).uses == 3


async def test_somebody_who_joins_twice_at_once_is_in_once(ann: str, ben: str, trip_of: NewTrip):
    trip = await trip_of(ann)
    code = (await invites.create(ann, trip, max_uses=5))["code"]
    assert set(await all_of([invites.accept(ben, code) for _ in range(6)])) == {trip}
    async with db.reading() as session:
        assert (await session.get_one(Invite, code)).uses == 1


async def test_a_trip_with_members_has_an_organiser(ann: str, person: NewPerson, trip_of: NewTrip):
    for number in range(ROUNDS):
        others = [await person(f"P{number}-{n}") for n in range(5)]
        trip = await trip_of(ann, *others)
        leaving = [ann, *others[:3]]
        random.shuffle(leaving)
        await all_of([members.leave(each, trip) for each in leaving])
        present = [each for each in await members.members(trip) if not each["left"]]
        assert len(present) == 2
        assert [each["role"] for each in present].count("organiser") == 1


async def test_nobody_leaves_twice(ann: str, ben: str, trip_of: NewTrip):
    trip = await trip_of(ann, ben)
    outcomes = await all_of([members.leave(ben, trip) for _ in range(5)])
    assert outcomes.count(None) == 1


async def test_whoever_is_removed_cannot_invite_themselves_meanwhile(
    ann: str, ben: str, trip_of: NewTrip
):
    trip = await trip_of(ann, ben)
    if isinstance(db.engines(), PostgreSQL):
        place = select(Member).where(col(Member.user_id) == ben).with_for_update()
        async with db.transaction() as session:
            await session.execute(place)
            removing = asyncio.create_task(members.remove(ann, trip, ben))
            await waits_for_a_lock(1)
            inviting = asyncio.create_task(invites.create(ben, trip))
            await waits_for_a_lock(2)
    else:
        removing = asyncio.create_task(members.remove(ann, trip, ben))
        inviting = asyncio.create_task(invites.create(ben, trip))
    await removing
    with pytest.raises(NotAMember):
        await inviting


async def waits_for_a_lock(count: int) -> None:
    """Wait until so many transactions wait for one that has locked something."""
    async with asyncio.timeout(5):
        while True:
            async with db.read_connection() as connection:
                waiting = await connection.exec_driver_sql(
                    "SELECT count(*) FROM pg_stat_activity"
                    " WHERE wait_event_type = 'Lock' AND datname = current_database()"
                )
                if waiting.scalar_one() >= count:
                    return


async def test_an_email_is_one_account(opened: Settings):
    calls = [people.sign_up(f"P{n}", "ann@example.org", "long enough") for n in range(3)]
    outcomes = await all_of([*calls])
    assert sum(isinstance(outcome, Conflict) for outcome in outcomes) == 2


async def test_a_message_that_two_workers_are_sent_is_stored_once(
    ann: str, ben: str, trip_of: NewTrip
):
    trip = await trip_of(ann, ben)
    async with another() as first, another() as second:
        for number in range(ROUNDS):
            name = f"c{number}"
            sent = await all_of(
                [worker.commit(draft(trip, ann, name)) for worker in (first, second, first)]
            )
            assert {each.message["seq"] for each in sent} == {number + 1}
            assert [each.repeated for each in sent].count(False) == 1
    page = await messages.page(ann, trip, limit=100)
    assert [each["seq"] for each in page["messages"]] == list(range(1, ROUNDS + 1))


async def test_workers_that_write_to_the_same_trips_wait_in_no_circle(
    ann: str, ben: str, cem: str, trip_of: NewTrip
):
    trips = [await trip_of(ann, ben, cem) for _ in range(6)]
    writers = [ann, ben, cem]
    async with another() as first, another() as second:
        for number in range(ROUNDS):
            calls: list[Awaitable[Any]] = []
            for name, worker in enumerate((first, second)):
                for place in random.sample(range(len(trips)), len(trips)):
                    author = random.choice(writers)
                    calls += [
                        worker.commit(draft(trips[place], author, f"{name}-{number}-{n}"))
                        for n in range(3)
                    ]
                    reader = random.choice(writers)
                    calls.append(reading.mark_read(reader, trips[place], 3 * number))
            assert not [each for each in await all_of(calls) if isinstance(each, Exception)]
    for trip in trips:
        found = (await messages.page(ann, trip, limit=200))["messages"]
        assert [each["seq"] for each in found] == list(range(1, 6 * ROUNDS + 1))
        for name in range(2):
            of_worker = [e["client_id"] for e in found if e["client_id"].startswith(f"{name}-")]
            assert of_worker == [f"{name}-{m}-{n}" for m in range(ROUNDS) for n in range(3)]


async def test_whoever_is_removed_writes_no_more(ann: str, ben: str, trip_of: NewTrip):
    async with another() as worker:
        for number in range(ROUNDS):
            trip = await trip_of(ann, ben)
            sends = [worker.commit(draft(trip, ben, f"c{n}")) for n in range(20)]
            outcomes = await all_of([*sends, members.remove(ann, trip, ben)])
            stored = sum(isinstance(outcome, Sent) for outcome in outcomes)
            found = (await messages.page(ann, trip, limit=100))["messages"]
            assert len(found) == stored, number
            async with db.reading() as session:
                assert (await session.get_one(Trip, trip)).last_seq == stored
            with pytest.raises(NotAMember):
                await worker.commit(draft(trip, ben, "late"))
