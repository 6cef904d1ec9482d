"""PostgreSQL is restarted, hangs, is held up: refusals are clear, and it heals by itself."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Iterator

import pytest
from sqlalchemy import event, text

from tests.integration.conftest import NewPerson, NewTrip, Say
from tests.kit.backing import a_database, a_postgres
from tests.kit.proxy import Proxy
from tripchat import db, migrations
from tripchat.db import postgresql
from tripchat.errors import Unavailable
from tripchat.local.postgres import LocalPostgres
from tripchat.services import group_commit, messages, receipts
from tripchat.settings import Settings
from tripchat.views import Sent

pytestmark = pytest.mark.only("postgresql")

DISCONNECT = """SELECT pg_terminate_backend(pid) FROM pg_stat_activity
  WHERE datname = current_database() AND pid <> pg_backend_pid()"""


@pytest.fixture(scope="module")
def fragile() -> Iterator[LocalPostgres]:
    """A PostgreSQL that these tests may stop and start."""
    with a_postgres(durable=True) as running:
        yield running


@pytest.fixture
async def line(
    fragile: LocalPostgres, monkeypatch: pytest.MonkeyPatch, opened: Settings
) -> AsyncIterator[Proxy]:
    """The way to a database of this test's own, with short patience."""
    for name, seconds in (("CONNECT", 1.0), ("POOL", 0.5), ("ANSWER", 1.0)):
        monkeypatch.setattr(postgresql, f"{name}_SECONDS", seconds)
    for name, seconds in (("PING", 0.5), ("PING_ANEW", 1.0)):
        monkeypatch.setattr(db, f"{name}_SECONDS", seconds)
    for name in ("statement_timeout", "lock_timeout"):
        monkeypatch.setitem(postgresql.ON_SERVER, name, "500ms")
    if not fragile.is_running:
        fragile.start()
    async with Proxy(fragile.port, http=False) as proxy:
        with a_database(fragile) as address:
            there = opened.model_copy(
                update={"database_url": Settings(database_url=address).database}
            )
            await asyncio.to_thread(migrations.upgrade, there)
            await db.open_database(there.database.replace(f":{fragile.port}/", f":{proxy.port}/"))
            yield proxy
            proxy.mend()
            await group_commit.drain()
            await receipts.drain()
            await db.close_database()


@pytest.fixture
async def trip(line: Proxy, ann: str, trip_of: NewTrip) -> str:
    return await trip_of(ann)


@pytest.fixture
async def ann(line: Proxy, person: NewPerson) -> str:
    return await person("Ann")


async def is_back() -> None:
    """The database answers again, which nobody has to ask for."""
    async with asyncio.timeout(10):
        back = asyncio.Event()
        stop = db.on_back(back.set)
        if db.is_away():
            await back.wait()
        stop()


async def test_lines_that_were_cut_are_not_noticed(
    line: Proxy, ann: str, trip: str, say: Say, fragile: LocalPostgres
):
    await asyncio.gather(*(say(ann, trip, f"c{n}") for n in range(5)))
    for cut in (line.cut, line.reset):
        cut()
        await asyncio.sleep(0.05)  # until the ends have arrived
        assert (await say(ann, trip, f"after {cut.__name__}".replace(" ", "-"))).message
        assert len((await messages.page(ann, trip))["messages"])


async def test_a_restart_refuses_for_a_moment_and_is_told_once(
    line: Proxy,
    ann: str,
    trip: str,
    say: Say,
    fragile: LocalPostgres,
    caplog: pytest.LogCaptureFixture,
):
    await say(ann, trip, "before")
    tasks = len(asyncio.all_tasks())
    await asyncio.to_thread(fragile.stop)
    for wave in range(3):
        began = time.monotonic()
        refused = await asyncio.gather(
            *(say(ann, trip, f"c{wave}-{n}") for n in range(200)),
            *(messages.page(ann, trip) for _ in range(50)),
            return_exceptions=True,
        )
        assert {type(each) for each in refused} == {Unavailable}
        assert time.monotonic() - began < 2
    with pytest.raises(Unavailable):
        await db.ping()
    assert len(asyncio.all_tasks()) <= tasks + 4
    await asyncio.to_thread(fragile.start)
    await is_back()
    await db.ping()
    assert (await say(ann, trip, "after")).message["seq"] == 2
    said = [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
    assert ["does not answer" in each for each in said] == [True, False]
    assert "answers again" in said[1]


async def test_a_kill_loses_nothing_that_was_acknowledged(
    line: Proxy, ann: str, trip: str, say: Say, fragile: LocalPostgres
):
    async def write(name: str) -> int:
        while True:
            try:
                return (await say(ann, trip, name)).message["seq"]
            except Unavailable:
                await is_back()

    writing = [asyncio.create_task(write(f"c{n}")) for n in range(300)]
    await asyncio.wait(writing, return_when=asyncio.FIRST_COMPLETED)
    await asyncio.to_thread(fragile.kill)
    await asyncio.to_thread(fragile.start)
    assert sorted(await asyncio.gather(*writing)) == list(range(1, 301))


async def test_a_database_that_hangs_is_given_up_on_and_found_again(
    line: Proxy, ann: str, trip: str, say: Say
):
    await say(ann, trip, "before")
    line.stall()
    began = time.monotonic()
    with pytest.raises(Unavailable):
        await db.ping()
    assert time.monotonic() - began < 0.8
    refused = await asyncio.gather(
        *(say(ann, trip, f"c{n}") for n in range(100)), return_exceptions=True
    )
    assert {type(each) for each in refused} == {Unavailable}
    assert time.monotonic() - began < 5
    line.mend()
    await is_back()
    assert (await say(ann, trip, "after")).message["seq"] == 2


async def test_a_commit_whose_answer_was_lost_is_found_again(
    line: Proxy, ann: str, trip: str, say: Say
):
    await say(ann, trip, "before")
    writing = db.engines().writing.sync_engine

    def lose_the_answer(_connection: object) -> None:
        line.stall(to_server=False)

    event.listen(writing, "commit", lose_the_answer)
    with pytest.raises(Unavailable):
        await say(ann, trip, "lost")
    event.remove(writing, "commit", lose_the_answer)
    line.mend()
    await is_back()
    again = await say(ann, trip, "lost")
    assert (again.repeated, again.message["seq"]) == (True, 2)


async def test_who_holds_a_trip_up_holds_no_other_up(
    line: Proxy, ann: str, trip_of: NewTrip, say: Say
):
    trips = [await trip_of(ann) for _ in range(6)]
    held, free = trips[0], trips[1:]
    async with db.transaction() as session:
        lock = text("SELECT 1 FROM trip WHERE id = :trip FOR UPDATE")
        await session.execute(lock, {"trip": held})
        waiting = [asyncio.create_task(say(ann, held, f"c{n}")) for n in range(3)]
        for wave in range(5):
            calls = [say(ann, trip, f"c{wave}-{n}") for n in range(4) for trip in free]
            async with asyncio.timeout(0.4):  # less than anybody waits for a lock
                sent = await asyncio.gather(*calls)
            assert all(isinstance(each, Sent) for each in sent)
            if wave == 0:
                assert not any(task.done() for task in waiting)
    outcomes = await asyncio.gather(*waiting, return_exceptions=True)
    stored = [each.message["seq"] for each in outcomes if isinstance(each, Sent)]
    assert stored == list(range(1, len(stored) + 1))
    assert all(isinstance(each, Sent | Unavailable) for each in outcomes)
    assert (await say(ann, held, "after")).message["seq"] == len(stored) + 1


async def test_a_trip_that_is_held_up_for_long_is_refused(
    line: Proxy, ann: str, trip: str, say: Say
):
    async with db.transaction() as session:
        lock = text("SELECT 1 FROM trip WHERE id = :trip FOR UPDATE")
        await session.execute(lock, {"trip": trip})
        with pytest.raises(Unavailable, match="too busy"):
            await say(ann, trip, "c1")
        assert not db.is_away()
    assert (await say(ann, trip, "c1")).message["seq"] == 1


async def test_a_statement_that_takes_too_long_is_ended(line: Proxy, ann: str):
    with pytest.raises(Unavailable, match="too busy"):
        await db.read(lambda connection: connection.execute(text("SELECT pg_sleep(60)")))
    assert not db.is_away()
    await db.ping()


async def test_when_all_connections_are_taken_nobody_waits_for_ever(
    line: Proxy, ann: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(postgresql, "ANSWER_SECONDS", 10.0)
    release, held = asyncio.Event(), asyncio.Semaphore(0)

    async def hold() -> None:
        async with db.transaction() as session:
            await session.execute(text("SELECT 1"))
            held.release()
            await release.wait()

    holding = [asyncio.create_task(hold()) for _ in range(db.CONNECTIONS // 2)]
    for _ in holding:
        await held.acquire()
    with pytest.raises(Unavailable, match="too busy"):
        await hold()
    release.set()
    await asyncio.gather(*holding)
    assert not db.is_away()
