import asyncio
import sys
from typing import Any

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import OperationalError

from tests.integration.conftest import NewPerson, NewTrip, Restarted, Say
from tripchat import db, hub
from tripchat.errors import Invalid, NotAMember, NotFound, Refused, TooMany
from tripchat.hub import Change, MessageAdded, ReadMoved
from tripchat.services import group_commit, members, messages
from tripchat.settings import Settings
from tripchat.views import MessageView, Sent


async def stored(trip_id: str) -> list[MessageView]:
    """All of the trip's messages; while none has changed, `rev` puts them in the order of `seq`."""
    return await messages.changed(trip_id, 0)


async def last_seq(trip_id: str) -> int:
    async with db.read_connection() as connection:
        query = text("SELECT last_seq FROM trip WHERE id = :trip")
        return (await connection.execute(query, {"trip": trip_id})).scalar_one()


def messages_in(changes: list[Change]) -> list[MessageView]:
    return [change.message for change in changes if isinstance(change, MessageAdded)]


async def test_a_message_is_stored_and_then_published(
    ann: str, trip_of: NewTrip, say: Say, heard: list[Change]
):
    trip = await trip_of(ann)
    heard.clear()
    sent = await say(ann, trip, "c1", "see www.lisbon.pt\n")
    assert not sent.repeated
    assert sent.message["seq"] == 1
    assert sent.message["body"]["text"] == "see www.lisbon.pt"
    assert "<a href" in sent.message["body"]["html"]
    assert sent.message["sent_at"] <= sent.broadcast_at
    assert heard == [MessageAdded(trip, sent.message), ReadMoved(trip, ann, 1)]
    assert await stored(trip) == [sent.message]


async def test_when_a_change_is_heard_it_can_be_read(ann: str, trip_of: NewTrip, say: Say):
    trip = await trip_of(ann)
    reads: list[asyncio.Task[list[MessageView]]] = []

    def read(change: Change) -> None:
        if isinstance(change, MessageAdded):
            reads.append(asyncio.create_task(stored(trip)))

    stop = hub.subscribe(read)
    for n in range(20):
        await say(ann, trip, f"c{n}")
    stop()
    assert len(reads) == 20
    for n, found in enumerate(reads):
        assert len(await found) > n


async def test_a_repeated_client_id_returns_the_first_message(
    ann: str, trip_of: NewTrip, say: Say, heard: list[Change]
):
    trip = await trip_of(ann)
    heard.clear()
    first = await say(ann, trip, "same", "one")
    again = await say(ann, trip, "same", "two")
    assert again == Sent(first.message, first.broadcast_at, repeated=True)
    assert len(messages_in(heard)) == 1
    assert await stored(trip) == [first.message]


async def test_a_repeat_after_a_restart_is_answered_as_the_first(
    ann: str, trip_of: NewTrip, say: Say, restarted: Restarted
):
    trip = await trip_of(ann)
    first = await say(ann, trip, "same")
    await restarted()
    assert await say(ann, trip, "same") == Sent(first.message, first.broadcast_at, repeated=True)


async def test_a_repeat_after_a_crash_says_at_least_when_it_was_stored(
    ann: str, trip_of: NewTrip, say: Say, crashed: Restarted
):
    trip = await trip_of(ann)
    first = await say(ann, trip, "same")
    await crashed()
    again = await say(ann, trip, "same")
    assert again.repeated
    assert again.message["id"] == first.message["id"]
    assert again.broadcast_at == again.message["sent_at"] == first.message["sent_at"]


async def test_repeats_at_the_same_moment_are_one_message(
    ann: str, trip_of: NewTrip, say: Say, heard: list[Change]
):
    trip = await trip_of(ann)
    heard.clear()
    sent = await asyncio.gather(*(say(ann, trip, "same", f"try {n}") for n in range(30)))
    assert [one.repeated for one in sent] == [False] + [True] * 29
    assert len({one.message["id"] for one in sent}) == 1
    assert len({one.broadcast_at for one in sent}) == 1
    assert len(messages_in(heard)) == 1
    assert len(await stored(trip)) == await last_seq(trip) == 1


async def test_a_client_id_belongs_to_one_author_in_one_trip(
    ann: str, ben: str, trip_of: NewTrip, say: Say
):
    trip, other = await trip_of(ann, ben), await trip_of(ann, ben)
    sent = await asyncio.gather(
        say(ann, trip, "same"), say(ben, trip, "same"), say(ann, other, "same")
    )
    assert [one.repeated for one in sent] == [False] * 3
    assert [one.message["seq"] for one in sent] == [1, 2, 1]


async def test_fifty_senders_give_every_seq_once(
    person: NewPerson, trip_of: NewTrip, say: Say, heard: list[Change]
):
    people = [await person(f"P{n}") for n in range(50)]
    trip = await trip_of(*people)
    heard.clear()

    async def talk(user_id: str) -> list[int]:
        return [(await say(user_id, trip, f"c{n}")).message["seq"] for n in range(8)]

    seqs = await asyncio.gather(*map(talk, people))
    assert all(own == sorted(own) for own in seqs)
    assert sorted(seq for own in seqs for seq in own) == list(range(1, 401))
    assert [message["seq"] for message in messages_in(heard)] == list(range(1, 401))
    assert messages_in(heard) == await stored(trip)
    assert await last_seq(trip) == 400


async def test_messages_of_several_trips_are_committed_together(
    ann: str, trip_of: NewTrip, say: Say, statements: list[str]
):
    trips = [await trip_of(ann) for _ in range(10)]
    statements.clear()
    await asyncio.gather(*(say(ann, trip, f"c{n}") for n in range(3) for trip in trips))
    assert 1 <= sum(statement.startswith("BEGIN") for statement in statements) <= 2
    for trip in trips:
        assert [message["client_id"] for message in await stored(trip)] == ["c0", "c1", "c2"]


async def test_each_is_refused_alone(ann: str, ben: str, trip_of: NewTrip, say: Say):
    trip = await trip_of(ann)
    await say(ann, trip, "c1")
    outcomes = await asyncio.gather(
        say(ann, trip, "c2"),
        say(ben, trip, "c3"),
        say(ann, "nosuchtrip12", "c4"),
        messages.send(ann, trip, "c5", body={"text": "re"}, reply_to_seq=9),
        messages.send(ann, trip, "c6", body={"text": "re"}, reply_to_seq=1),
        return_exceptions=True,
    )
    kinds = [type(outcome) for outcome in outcomes]
    assert kinds == [Sent, NotAMember, NotFound, Invalid, Sent]
    assert [message["client_id"] for message in await stored(trip)] == ["c1", "c2", "c6"]
    assert (await stored(trip))[2].get("reply_to_seq") == 1
    assert await last_seq(trip) == 3


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"body": {"text": " \n "}}, "text"),
        ({"body": {"text": "x" * 4001}}, "text"),
        ({"body": {"text": "\x07"}}, "text"),
        ({"body": {"text": 5}}, "text"),
        ({"body": {}}, "text"),
        ({"body": None}, "body"),
        ({"body": "text"}, "body"),
        ({"kind": "nothing"}, "kind"),
        ({"kind": ["text"]}, "kind"),
        ({"kind": "unreadable"}, "kind"),
        ({"client_id": ""}, "client_id"),
        ({"client_id": "a b"}, "client_id"),
        ({"client_id": "é"}, "client_id"),
        ({"client_id": "x" * 65}, "client_id"),
        ({"client_id": None}, "client_id"),
        ({"reply_to_seq": 0}, "reply_to_seq"),
        ({"reply_to_seq": 1}, "reply_to_seq"),
        ({"reply_to_seq": "1"}, "reply_to_seq"),
        ({"reply_to_seq": 2**70}, "reply_to_seq"),
    ],
)
async def test_a_refused_message_names_the_field_and_is_not_stored(
    ann: str, trip_of: NewTrip, given: dict[str, Any], field: str
):
    trip = await trip_of(ann)
    with pytest.raises(Invalid) as raised:
        await messages.send(ann, trip, **{"client_id": "c1", "body": {"text": "hi"}, **given})
    assert raised.value.field == field
    assert await last_seq(trip) == 0


async def test_unknown_trips_of_any_type_are_not_found(ann: str, say: Say):
    trips: list[Any] = [None, 5, "", "a/b", "\x00", {"id": 1}, "nosuchtrip12"]
    for trip in trips:
        with pytest.raises(NotFound):
            await say(ann, trip, "c1")


async def test_a_failing_database_stores_nothing_and_a_retry_succeeds(
    ann: str, trip_of: NewTrip, say: Say, heard: list[Change], monkeypatch: pytest.MonkeyPatch
):
    trip = await trip_of(ann)
    heard.clear()
    execute, failures = Connection.execute, 3

    def fail(self: Connection, statement: Any, *rest: Any, **named: Any) -> Any:
        nonlocal failures
        if str(statement).startswith("UPDATE trip") and failures:
            failures -= 1
            raise OperationalError("UPDATE", {}, Exception("disk full"))
        return execute(self, statement, *rest, **named)

    monkeypatch.setattr(Connection, "execute", fail)
    outcomes = await asyncio.gather(
        *(say(ann, trip, f"c{n}") for n in range(3)), return_exceptions=True
    )
    # Together they fail, then two of them fail alone; the third finds the disk free again.
    assert [type(outcome) for outcome in outcomes] == [OperationalError, OperationalError, Sent]
    retried = [await say(ann, trip, f"c{n}") for n in range(3)]
    assert [one.message["seq"] for one in retried] == [2, 3, 1]
    assert [one.repeated for one in retried] == [False, False, True]
    assert [message["seq"] for message in messages_in(heard)] == [1, 2, 3]


async def test_a_sender_that_stops_waiting_harms_nobody(ann: str, trip_of: NewTrip, say: Say):
    trip = await trip_of(ann)
    impatient = asyncio.create_task(say(ann, trip, "c1"))
    patient = asyncio.create_task(say(ann, trip, "c2"))
    await asyncio.sleep(0)
    impatient.cancel()
    assert (await patient).message["seq"] == 2
    assert (await say(ann, trip, "c1")).repeated


async def test_too_many_waiting_are_asked_to_come_back(
    ann: str, trip_of: NewTrip, say: Say, monkeypatch: pytest.MonkeyPatch
):
    trip = await trip_of(ann)
    monkeypatch.setattr(group_commit, "MOST_WAITING", 10)
    outcomes = await asyncio.gather(
        *(say(ann, trip, f"c{n}") for n in range(15)), return_exceptions=True
    )
    refused = [outcome for outcome in outcomes if isinstance(outcome, TooMany)]
    assert len(refused) == 5
    assert refused[0].retry_after > 0
    assert await last_seq(trip) == 10


async def test_who_is_removed_meanwhile_sends_nothing_afterwards(
    ann: str, ben: str, trip_of: NewTrip, say: Say
):
    trip = await trip_of(ann, ben)

    in_full_flow = asyncio.Event()

    async def talk() -> int:
        for n in range(1000):
            try:
                await say(ben, trip, f"c{n}")
            except Refused:
                return n
            if n == 10:
                in_full_flow.set()
        raise AssertionError("was never stopped")

    talking = asyncio.create_task(talk())
    await in_full_flow.wait()
    await members.remove(ann, trip, ben)
    count = await last_seq(trip)
    assert await talking == count == await last_seq(trip)


OTHER_PROCESS = """
import asyncio, sys
from tripchat import storage
from tripchat.services import messages
from tripchat.settings import get_settings

async def main(user_id, trip_id, name):
    await storage.open_storage(get_settings())
    await asyncio.gather(*(
        messages.send(user_id, trip_id, f"{name}-{n}", body={"text": "hi"}) for n in range(200)
    ))
    await storage.close_storage()

asyncio.run(main(*sys.argv[1:]))
"""


async def test_two_processes_share_one_count(opened: Settings, ann: str, trip_of: NewTrip):
    trip = await trip_of(ann)
    processes = [
        await asyncio.create_subprocess_exec(sys.executable, "-c", OTHER_PROCESS, ann, trip, name)
        for name in ("first", "second")
    ]
    assert await asyncio.gather(*(process.wait() for process in processes)) == [0, 0]
    assert [message["seq"] for message in await stored(trip)] == list(range(1, 401))
    assert await last_seq(trip) == 400
