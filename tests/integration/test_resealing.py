"""What is sealed comes under another key, and nothing else about it changes."""

import os

import pytest
from sqlalchemy import select, update
from sqlmodel import col

from tests.integration.conftest import NewTrip, Say, dump
from tripchat import db, keyring, sealing
from tripchat.hub import Change
from tripchat.models import Message
from tripchat.sealing import NAMELESS, Sealer
from tripchat.services import editing, messages, reactions, receipts, resealing
from tripchat.services.resealing import SEALED
from tripchat.settings import Settings

NEW = bytes(range(32))
STALE = (col(Message.trip_id), col(Message.body).label("stale"))


@pytest.fixture
async def trip(ann: str, ben: str, trip_of: NewTrip, say: Say) -> str:
    """A trip with messages, one of them edited twice and one deleted."""
    trip = await trip_of(ann, ben)
    for n in range(1, 8):
        await say(ann, trip, f"c{n}", f"number {n}")
    for text in ("second", "third"):
        await editing.edit(ann, trip, 1, {"text": text})
    await editing.remove(ann, trip, 2)
    await reactions.react(ben, trip, 3, "👍")
    await receipts.drain()
    return trip


@pytest.fixture
def old(opened: Settings, trip: str) -> Sealer:
    """What has sealed the trip; from now on the process seals under another key."""
    keys = keyring.load(opened)
    sealing.use(Sealer(NEW, *keys))
    return Sealer(*keys)


async def reseal() -> tuple[int, int]:
    """A pass through all; how many were sealed anew, and how many open with no key."""
    done = [progress for what in SEALED async for progress in resealing.reseal(what)]
    return sum(each.renewed for each in done), sum(each.broken for each in done)


async def bodies() -> list[bytes]:
    """All that is sealed."""
    stored = await dump()
    return [row.body for table in ("message", "version") for row in stored[table] if row.body]


async def make_nameless(old: Sealer, trip: str) -> None:
    """Have the trip's messages be sealed as they were before keys had names."""
    cipher = old.current.cipher(f"trip/{trip}")
    async with db.transaction() as session:
        for row in await session.execute(select(col(Message.id), col(Message.body))):
            if row.body:
                nonce, place = os.urandom(12), f"{trip}\0{row.id}".encode()
                body = old.open(trip, row.id, row.body)
                sealed = NAMELESS + nonce + cipher.encrypt(nonce, body, NAMELESS + place)
                await session.execute(
                    update(Message).where(col(Message.id) == row.id).values(body=sealed)
                )


async def without_bodies() -> dict[str, list[tuple[object, ...]]]:
    """Everything else."""
    return {
        table: [tuple(value for value in row if not isinstance(value, bytes)) for row in rows]
        for table, rows in (await dump()).items()
    }


async def test_everything_reads_the_same_and_the_old_key_opens_nothing(
    old: Sealer, ann: str, trip: str, heard: list[Change]
):
    before = await messages.page(ann, trip), await editing.versions(ann, trip, 1)
    rest = await without_bodies()
    heard.clear()
    assert await reseal() == (8, 0)
    sealing.use(Sealer(NEW))
    assert (await messages.page(ann, trip), await editing.versions(ann, trip, 1)) == before
    assert await without_bodies() == rest
    assert heard == []
    assert not [body for body in await bodies() if old.current.id in body]
    assert await reseal() == (0, 0)


async def test_how_much_is_under_which_key(old: Sealer):
    message, version, *_ = SEALED
    head = old.current.head
    assert await resealing.heads(message) == {head: 6}
    assert await resealing.heads(version) == {head: 2}
    await reseal()
    assert await resealing.heads(message) == {sealing.sealer().current.head: 6}


async def test_more_than_are_looked_at_together(
    old: Sealer, trip: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(resealing, "LOOKED_AT_TOGETHER", 1)
    monkeypatch.setattr(resealing, "WRITTEN_TOGETHER", 1)
    assert await reseal() == (8, 0)


async def test_what_is_edited_or_deleted_meanwhile_is_left_to_people(
    old: Sealer, ann: str, trip: str, say: Say
):
    message, *_ = SEALED
    [rows] = [rows async for rows in resealing._all(message, [*message.reads, *STALE])]
    rows = [row for row in rows if row.stale]
    await editing.edit(ann, trip, 3, {"text": "edited meanwhile"})
    await editing.remove(ann, trip, 4)
    progress = await resealing._renew(message, rows)
    assert (progress.renewed, progress.broken) == (len(rows) - 2, 0)
    page = await messages.page(ann, trip)
    assert [m["body"].get("text") for m in page["messages"]] == [
        *("third", None, "edited meanwhile", None, "number 5", "number 6", "number 7")
    ]


async def test_what_opens_with_no_key_is_counted_and_stays(old: Sealer, trip: str):
    sealing.use(Sealer(NEW))
    before = await dump()
    assert await reseal() == (0, 8)
    assert await dump() == before


async def test_what_was_sealed_before_keys_had_names_comes_under_the_new_one(
    old: Sealer, ann: str, trip: str
):
    message, *_ = SEALED
    await make_nameless(old, trip)
    assert await resealing.heads(message) == {NAMELESS: 6}
    before = await messages.page(ann, trip)
    assert before["messages"][4]["body"]["text"] == "number 5"
    assert (await reseal())[1] == 0
    sealing.use(Sealer(NEW))
    assert await messages.page(ann, trip) == before
