"""Two workers that share a key file go over to another key, and nobody notices."""

from __future__ import annotations

import asyncio
import itertools
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.kit.backing import a_database
from tests.kit.people import Account
from tests.kit.server import ROOT, Server
from tests.kit.tab import Tab, tab_of
from tripchat import keyring
from tripchat.local.postgres import LocalPostgres
from tripchat.local.redis import LocalRedis
from tripchat.settings import Settings

AT_ONCE_SECONDS = 0.5
"""What comes later may have been read from the database, and not been heard."""


@pytest.fixture
async def sharing(
    tmp_path: Path, postgres: LocalPostgres, redis: LocalRedis
) -> AsyncIterator[list[Server]]:
    """Two workers with one data folder; at the end nothing stands in their logs."""
    with a_database(postgres) as url:
        environment = {"TRIPCHAT_DATABASE_URL": url, "TRIPCHAT_REDIS_URL": redis.url}
        both = [Server(tmp_path / name, **environment) for name in ("one", "two")]
        for each in both:
            each.log.parent.mkdir()
            each.data = tmp_path / "data"
            await each.start()
        yield both
        for each in both:
            await each.stop()
            assert each.complaints() == []


async def rotate(server: Server) -> None:
    """Run the command beside the site."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tripchat", "keys", "rotate", "--data", str(server.data)),
        cwd=ROOT,
        env=server._environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    _, wrong = await process.communicate()
    assert (process.returncode, wrong) == (0, b"")


@asynccontextmanager
async def talking(writer: Account, trip: str, listener: Tab) -> AsyncIterator[list[float]]:
    """Somebody writes on one worker; how long each message took to the listener on another."""
    took: list[float] = []
    stop = asyncio.Event()

    async def talk() -> None:
        for n in itertools.count():
            if stop.is_set():
                return
            text, began = f"{writer.name} {n}", time.monotonic()
            await writer.writes(trip, text)
            await listener.until(lambda text=text: text in listener.texts)
            took.append(time.monotonic() - began)

    task = asyncio.create_task(talk())
    yield took
    stop.set()
    await task


async def test_both_workers_hear_each_other_all_the_time(sharing: list[Server]) -> None:
    one, two = sharing
    settings = Settings(data=one.data)
    ana, bo = await Account.sign_up(one.url, "Ana"), await Account.sign_up(two.url, "Bo")
    trip = await ana.makes_trip("Lisbon", bo)
    async with (
        tab_of(one, ana, f"/trip/{trip}") as here,
        tab_of(two, bo, f"/trip/{trip}") as there,
    ):
        await asyncio.gather(
            here.until(lambda: len(here.online) == 2), there.until(lambda: len(there.online) == 2)
        )
        [first] = keyring.load(settings)
        async with talking(ana, trip, there) as to_bo, talking(bo, trip, here) as to_ana:
            for _ in range(2):
                await rotate(one)
            await asyncio.sleep(1)
        [last] = keyring.load(settings)
        assert first != last
        assert len(to_bo) > 50
        assert len(to_ana) > 50
        assert max(*to_bo, *to_ana) < AT_ONCE_SECONDS
    said = await ana.reads_all(trip)
    assert len(said) == len(to_bo) + len(to_ana)
    assert all(message["kind"] == "text" for message in said)
    for each in (ana, bo):
        await each.close()
