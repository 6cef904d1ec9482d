"""When a message was broadcast and how many people it reached: for good."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Connection, text

from tests.integration.conftest import NewTrip, Restarted, Say, Unchanged
from tripchat import db, hub
from tripchat.errors import Invalid, NotAMember, NotFound
from tripchat.hub import Change, MessageAdded
from tripchat.services import editing, members, messages, receipts
from tripchat.views import MessageView, ReceiptView


@pytest.fixture
def reaching() -> Any:
    """Everybody who writes reaches as many people as their message's number says."""

    def tell(change: Change) -> None:
        if isinstance(change, MessageAdded):
            receipts.reach(change.message["id"], change.message["seq"])

    stop = hub.subscribe(tell)
    yield
    stop()


def of(message: MessageView, reached: int | None) -> ReceiptView:
    """The receipt that fits to what everybody sees of a message."""
    return {"broadcast_at": message.get("broadcast_at"), "reached": reached}


async def read(trip_id: str) -> list[MessageView]:
    return (await messages.window(trip_id, 200))[1]


async def test_after_a_restart_everything_reads_as_before(
    ann: str, ben: str, trip_of: NewTrip, say: Say, reaching: None, restarted: Restarted
):
    trip = await trip_of(ann, ben)
    sent = [(await say(ann, trip, f"c{n}")).message for n in range(120)]
    edited = await editing.edit(ann, trip, 7, {"text": "edited"})
    deleted = await editing.remove(ann, trip, 8)
    sent[6:8] = edited, deleted
    before = await read(trip)
    await restarted()
    assert await read(trip) == before == sent
    assert (await messages.page(ben, trip, limit=200))["messages"] == sent
    for seq in (1, 7, 8, 50, 120):
        assert await messages.receipt(ann, trip, seq) == of(sent[seq - 1], seq)


async def test_it_is_known_before_it_is_written(
    ann: str, trip_of: NewTrip, say: Say, reaching: None
):
    trip = await trip_of(ann)
    for n in range(1, 20):
        sent = await say(ann, trip, f"c{n}")
        assert (await read(trip))[-1] == sent.message
        assert await messages.receipt(ann, trip, n) == of(sent.message, n)


async def test_who_reads_it_before_the_broadcast_sees_the_same_moment(
    ann: str,
    trip_of: NewTrip,
    say: Say,
    heard: list[Change],
    ticking: None,
    monkeypatch: pytest.MonkeyPatch,
):
    trip = await trip_of(ann)
    seen: list[list[MessageView]] = []
    write = db.write

    async def write_slowly(work: Callable[[Connection], Any]) -> Any:
        written = await write(work)
        seen.append(await read(trip))
        return written

    monkeypatch.setattr(db, "write", write_slowly)
    await asyncio.gather(*(say(ann, trip, f"c{n}") for n in range(20)))
    told = [change.message for change in heard if isinstance(change, MessageAdded)]
    assert len(told) == 20
    assert seen[-1] == told == await read(trip)
    assert all(found == told[: len(found)] for found in seen)


async def test_who_asks_before_the_broadcast_is_told_the_same_moment(
    ann: str, trip_of: NewTrip, say: Say, ticking: None, monkeypatch: pytest.MonkeyPatch
):
    trip = await trip_of(ann)
    told: list[ReceiptView] = []
    write = db.write

    async def write_slowly(work: Callable[[Connection], Any]) -> Any:
        written = await write(work)
        told.append(await messages.receipt(ann, trip, 1))
        return written

    monkeypatch.setattr(db, "write", write_slowly)
    sent = await say(ann, trip, "c1")
    assert told == [of(sent.message, None)]
    assert told[0]["broadcast_at"] == sent.broadcast_at


async def test_what_another_worker_has_broadcast_is_known_before_it_is_written(
    ann: str, trip_of: NewTrip, say: Say, crashed: Restarted
):
    trip = await trip_of(ann)
    sent = await say(ann, trip, "c1")
    await crashed()
    assert await messages.receipt(ann, trip, 1) == {"broadcast_at": None, "reached": None}
    receipts.heard(sent.message["id"], sent.broadcast_at)
    assert await messages.receipt(ann, trip, 1) == of(sent.message, None)


async def test_after_a_crash_what_was_not_written_is_not_known(
    ann: str, trip_of: NewTrip, say: Say, reaching: None, crashed: Restarted
):
    trip = await trip_of(ann)
    first = (await say(ann, trip, "c1")).message
    await receipts.drain()
    second: dict[str, Any] = {**(await say(ann, trip, "c2")).message}
    await crashed()
    del second["broadcast_at"]
    assert await read(trip) == [first, second]
    assert await messages.receipt(ann, trip, 1) == of(first, 1)
    assert await messages.receipt(ann, trip, 2) == {"broadcast_at": None, "reached": None}


async def test_only_the_author_hears_whom_it_reached(
    ann: str, ben: str, cem: str, trip_of: NewTrip, say: Say, unchanged: Unchanged
):
    trip = await trip_of(ann, ben)
    await say(ben, trip, "c1")
    async with unchanged():
        for stranger in (ann, cem):
            with pytest.raises(NotAMember):
                await messages.receipt(stranger, trip, 1)
        with pytest.raises(NotFound):
            await messages.receipt(ben, trip, 2)
        with pytest.raises(NotFound):
            await messages.receipt(ben, "nowhere", 1)
        wrong: Any
        for wrong in (None, "1", 0, True, 1.5):
            with pytest.raises(Invalid):
                await messages.receipt(ben, trip, wrong)
    await members.leave(ben, trip)
    with pytest.raises(NotAMember):
        await messages.receipt(ben, trip, 1)


async def test_nothing_of_it_is_in_what_the_others_see(
    ann: str, trip_of: NewTrip, say: Say, reaching: None, restarted: Restarted
):
    trip = await trip_of(ann)
    await say(ann, trip, "c1")
    await restarted()
    assert all("reached" not in message for message in await read(trip))


async def test_when_it_cannot_be_written_messages_go_on(
    ann: str,
    trip_of: NewTrip,
    say: Say,
    restarted: Restarted,
    caplog: pytest.LogCaptureFixture,
):
    def rename(connection: Connection, old: str, new: str) -> None:
        connection.execute(text(f"ALTER TABLE message RENAME COLUMN {old} TO {new}"))

    trip = await trip_of(ann)
    first = (await say(ann, trip, "c1")).message
    await db.write(lambda link: rename(link, "reached", "lost"))
    await receipts.drain()
    assert "1 receipts could not be stored" in caplog.text
    await db.write(lambda link: rename(link, "lost", "reached"))
    assert (await read(trip)) == [first]
    second = (await say(ann, trip, "c2")).message
    await restarted()
    assert (await read(trip))[1] == second
