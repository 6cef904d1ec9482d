"""Workers that stop or die take nobody's presence with them for long."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.kit.people import Account
from tests.kit.server import Server
from tests.kit.tab import tab_of
from tripchat.local.redis import LocalRedis


@pytest.fixture
async def third(
    tmp_path: Path, shared: dict[str, str], redis: LocalRedis, workers: list[Server]
) -> AsyncIterator[Server]:
    """One more worker, which a test may end."""
    server = Server(tmp_path, **shared, TRIPCHAT_REDIS_URL=redis.url)
    await server.start()
    yield server
    await server.stop()
    assert server.complaints() == []


@pytest.mark.parametrize("how", ["stopped", "killed"])
async def test_who_was_on_a_worker_that_goes_is_away(
    workers: list[Server], third: Server, ana: Account, bo: Account, how: str
) -> None:
    trip = await ana.makes_trip("Lisbon", bo)
    both = {ana.user_id, bo.user_id}
    async with tab_of(workers[0], ana, f"/trip/{trip}") as here:
        there = await tab_of(third, bo, f"/trip/{trip}").open()
        await here.until(lambda: here.online == both)
        await there.types()
        await here.until(lambda: here.typing)
        await (third.stop() if how == "stopped" else third.kill())
        await here.until(lambda: here.online == {ana.user_id})
        await here.until(lambda: not here.typing)
        await there.close()
        async with tab_of(workers[1], bo, f"/trip/{trip}") as moved:
            await here.until(lambda: here.online == both)
            await moved.sends(trip, "here I am again")
            await here.until(lambda: here.texts == ["here I am again"])


async def test_a_worker_that_comes_learns_who_is_here(
    workers: list[Server], third: Server, ana: Account, bo: Account
) -> None:
    trip = await ana.makes_trip("Lisbon", bo)
    both = {ana.user_id, bo.user_id}
    async with tab_of(workers[0], ana, f"/trip/{trip}") as here:
        await here.types()
        await here.until(lambda: here.typing)
        await third.kill()
        await third.start()
        async with tab_of(third, bo, f"/trip/{trip}") as there:
            await there.until(lambda: there.online == both)


async def test_who_moves_to_another_worker_was_never_away(
    workers: list[Server], ana: Account, bo: Account
) -> None:
    trip = await ana.makes_trip("Lisbon", bo)
    async with tab_of(workers[0], ana, f"/trip/{trip}") as here:
        moving = await tab_of(workers[1], bo, f"/trip/{trip}").open()
        await here.until(lambda: bo.user_id in here.online)
        before = len(here.frames)
        await moving.close()
        async with tab_of(workers[0], bo, f"/trip/{trip}") as moved:
            await moved.sends(trip, "moved")
            await here.until(lambda: here.texts == ["moved"])
            # A later change from the worker that he left: what it says of him has come by then.
            async with tab_of(workers[1], ana, f"/trip/{trip}") as later:
                await later.until(lambda: bo.user_id in later.online)
            assert not any("o_" + bo.user_id in frame for frame in here.frames[before:])
