"""Another key while people write; by the command, in a process of its own."""

from __future__ import annotations

import asyncio
import base64
import itertools
import sqlite3
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from sqlalchemy import insert, update
from sqlmodel import col

from tests.integration.conftest import NewTrip, Say, dump
from tripchat import clock, db, keyring, sealing, storage
from tripchat.errors import CannotStart
from tripchat.ids import new_id
from tripchat.models import Message, Trip
from tripchat.sealing import MasterKey, SealBroken, Sealer
from tripchat.services import editing, messages, opening
from tripchat.settings import Settings, get_settings

MANY = 6_000


async def start(*arguments: str) -> asyncio.subprocess.Process:
    """Start `python -m tripchat keys ...` for the test's settings."""
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tripchat", "keys", *arguments),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


async def run(*arguments: str) -> str:
    """What such a command says; it has to succeed."""
    process = await start(*arguments)
    said, wrong = await process.communicate()
    assert process.returncode == 0, wrong.decode()
    assert wrong == b""
    return said.decode()


async def refused(*arguments: str) -> str:
    """Why such a command does nothing."""
    process = await start(*arguments)
    _, wrong = await process.communicate()
    assert process.returncode == 1
    assert wrong.count(b"\n") == 1
    return wrong.decode()


async def fill(trip: str, author: str, count: int) -> None:
    """Store many messages at once."""
    rows = []
    for seq in range(1, count + 1):
        message_id = new_id()
        row = Message(
            id=message_id,
            trip_id=trip,
            seq=seq,
            rev=seq,
            author_id=author,
            client_id=f"c{seq}",
            kind="text",
            body=opening.closed(trip, message_id, {"text": f"number {seq}"}),
            sent_at=clock.now(),
        )
        rows.append(row.model_dump())
    async with db.transaction() as session:
        await session.execute(insert(Message), rows)
        standing = {"last_seq": count, "last_rev": count}
        await session.execute(update(Trip).where(col(Trip.id) == trip).values(**standing))


async def texts(user: str, trip: str) -> list[str | None]:
    """What every message says; None for deleted ones."""
    found: list[str | None] = []
    while (page := await messages.page(user, trip, after=len(found), limit=200))["messages"]:
        assert all(message["kind"] == "text" for message in page["messages"])
        found += [message["body"].get("text") for message in page["messages"]]
    return found


async def sealed() -> list[bytes]:
    """All that is sealed in the database."""
    stored = await dump()
    rows = [row.body for table in ("message", "version") for row in stored[table]]
    return [body for body in [*rows, *(row.known for row in stored["seal"])] if body]


def files_of(settings: Settings) -> bytes:
    """All bytes of an SQLite database, its log among them."""
    return b"".join(file.read_bytes() for file in settings.data.glob("tripchat.db*"))


async def assert_opens_nothing(settings: Settings, key: bytes) -> None:
    """The key has sealed nothing that is in the database, nor in its files."""
    old = Sealer(key)
    for body in await sealed():
        assert old.current.id not in body
    for row in (await dump())["message"]:
        with pytest.raises(SealBroken):
            old.open(row.trip_id, row.id, row.body)
    if settings.database.startswith("sqlite"):
        assert old.current.head not in files_of(settings)


@asynccontextmanager
async def writing(user: str, trip: str, name: str) -> AsyncIterator[list[str]]:
    """Somebody writes without a break, and changes their mind now and then; what they wrote."""
    wrote: list[str] = []
    stop = asyncio.Event()

    async def write() -> None:
        for n in itertools.count():
            if stop.is_set():
                return
            text = f"{name} {n}"
            sent = await messages.send(user, trip, f"{name}{n}", body={"text": text})
            if n % 3 == 0:
                text = f"{text}, edited"
                await editing.edit(user, trip, sent.message["seq"], {"text": text})
            wrote.append(text)
            await asyncio.sleep(0.002)

    task = asyncio.create_task(write())
    try:
        yield wrote
    finally:
        stop.set()
        await task


async def test_nothing_is_lost_while_people_write(
    opened: Settings, ann: str, ben: str, trip_of: NewTrip
):
    trip = await trip_of(ann, ben)
    await fill(trip, ann, 500)
    [old] = keyring.load(opened)
    async with writing(ann, trip, "ann") as of_ann, writing(ben, trip, "ben") as of_ben:
        said = await run("rotate")
    [new] = keyring.load(opened)
    assert new != old
    assert MasterKey(old).id.hex() in said
    assert f"Everything is under {MasterKey(new).id.hex()}" in said
    found = await texts(ann, trip)
    assert found[:500] == [f"number {n}" for n in range(1, 501)]
    assert len(of_ann) > 50
    for name, wrote in (("ann", of_ann), ("ben", of_ben)):
        mine = [text for text in found if text and text.startswith(name)]
        assert mine == wrote
    await db.wipe_log()
    await assert_opens_nothing(opened, old)
    status = await run("status")
    assert status.count("\n") == 1
    assert f"Under {MasterKey(new).id.hex()}, the current one: {len(found):,} of mess" in status


async def test_one_that_is_killed_in_the_middle_goes_on(
    opened: Settings, ann: str, trip_of: NewTrip, say: Say
):
    trip = await trip_of(ann)
    await fill(trip, ann, MANY)
    [old] = keyring.load(opened)
    new = b""
    for _ in range(2):
        process = await start("rotate")
        left = len(await under(old))
        await until(lambda left=left: under_fewer(old, left))
        process.kill()
        await process.communicate()
        assert 0 < len(await under(old)) < MANY
        new, kept = keyring.load(opened)
        assert kept == old
        await say(ann, trip, new_id(), "in between")
        await storage.open_storage(opened)  # as a site that starts now
        assert len(await texts(ann, trip)) > MANY
    assert "an older one" in await run("status")
    assert "was begun before" in await run("rotate")
    assert keyring.load(opened) == [new]
    assert (await texts(ann, trip))[:MANY] == [f"number {n}" for n in range(1, MANY + 1)]
    await db.wipe_log()
    await assert_opens_nothing(opened, old)


async def under(key: bytes) -> list[bytes]:
    """What is sealed under a key."""
    head = MasterKey(key).head
    return [body for body in await sealed() if body.startswith(head)]


async def under_fewer(key: bytes, than: int) -> bool:
    return len(await under(key)) < than


async def has_begun(settings: Settings) -> bool:
    return len(keyring.load(settings)) > 1


async def until(is_met: Callable[[], Awaitable[bool]]) -> None:
    """Wait for something that another process does."""
    while True:
        if await is_met():
            return
        await asyncio.sleep(0.01)


async def test_two_rotations_are_not_at_once(opened: Settings, ann: str, trip_of: NewTrip):
    await fill(await trip_of(ann), ann, MANY)
    first = await start("rotate")
    await until(lambda: has_begun(opened))
    assert "another rotation is on its way" in await refused("rotate")
    await first.communicate()
    assert first.returncode == 0
    assert len(keyring.load(opened)) == 1


async def test_keys_in_the_settings(
    opened: Settings, ann: str, trip_of: NewTrip, say: Say, monkeypatch: pytest.MonkeyPatch
):
    trip = await trip_of(ann)
    await say(ann, trip, "c1", "hello")
    [old], new = keyring.load(opened), keyring.new_key()
    opened.key_file.unlink()
    monkeypatch.setenv("TRIPCHAT_SECRET_KEY", base64.b64encode(old).decode())
    assert "TRIPCHAT_OLD_SECRET_KEYS names no key" in await refused("rotate")
    monkeypatch.setenv("TRIPCHAT_SECRET_KEY", base64.b64encode(new).decode())
    assert "does not open this database" in await refused("status")
    monkeypatch.setenv("TRIPCHAT_OLD_SECRET_KEYS", base64.b64encode(old).decode())
    said = await run("rotate")
    assert "out of TRIPCHAT_OLD_SECRET_KEYS" in said
    assert not opened.key_file.exists()
    monkeypatch.delenv("TRIPCHAT_OLD_SECRET_KEYS")
    get_settings.cache_clear()
    await storage.open_storage(get_settings())
    assert await texts(ann, trip) == ["hello"]
    await assert_opens_nothing(opened, old)


async def test_without_its_key_nothing_is_rotated(opened: Settings):
    opened.key_file.unlink()
    assert "key of this database is missing" in await refused("rotate")
    assert not opened.key_file.exists()
    assert "key of this database is missing" in await refused("status")


async def test_a_write_that_began_before_is_waited_for(opened: Settings, ann: str):
    writing, go_on = asyncio.Event(), asyncio.Event()

    async def write() -> None:
        async with db.transaction() as session:
            await session.execute(update(Trip).values(title="x"))
            writing.set()
            await go_on.wait()

    began = asyncio.create_task(write())
    await writing.wait()
    waiting = asyncio.create_task(db.settled())
    done, _ = await asyncio.wait({waiting}, timeout=0.5)
    assert not done
    go_on.set()
    await asyncio.gather(began, waiting)


async def test_a_running_site_keeps_its_keys_while_the_file_is_broken(
    opened: Settings, ann: str, trip_of: NewTrip, say: Say, caplog: pytest.LogCaptureFixture
):
    trip = await trip_of(ann)
    key = opened.key_file.read_bytes()
    opened.key_file.write_text("half a ke")
    for n in range(3):
        await say(ann, trip, f"c{n}")
    assert caplog.text.count("the keys cannot be read again") == 1
    opened.key_file.unlink()
    await say(ann, trip, "without")
    opened.key_file.write_bytes(key)
    assert sealing.sealer().current.id == MasterKey(base64.b64decode(key)).id
    assert await texts(ann, trip) == ["hello"] * 4


def test_a_key_file_with_one_broken_line_is_refused(tmp_path: Path):
    settings = Settings(data=tmp_path)
    keyring.load(settings)
    with settings.key_file.open("a") as file:
        file.write("\nhalf a ke\n")
    with pytest.raises(CannotStart, match=r"secret\.key: must be base64"):
        keyring.load(settings)


@pytest.mark.only("sqlite")
async def test_the_files_hold_nothing_under_the_old_key_while_somebody_reads(
    opened: Settings, ann: str, trip_of: NewTrip
):
    await fill(await trip_of(ann), ann, 300)
    [old] = keyring.load(opened)
    with sqlite3.connect(opened.data / "tripchat.db") as reader:
        assert MasterKey(old).head in files_of(opened)
        reader.execute("SELECT count(*) FROM message").fetchone()
        await run("rotate")
    reader.close()
    assert MasterKey(old).head not in files_of(opened)
