"""While Redis is away everything still happens, a little later; then it heals by itself."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from redis.asyncio import Redis

from tests.integration.cluster.order import assert_in_order
from tests.kit.backing import a_redis
from tests.kit.people import Account
from tests.kit.proxy import Proxy
from tests.kit.server import HEALTH, Server
from tests.kit.tab import ROOM_STATE, Tab, tab_of
from tripchat.local.redis import LocalRedis


class Site:
    """Two workers that reach their Redis through a network of their own each."""

    def __init__(self, workers: list[Server], proxies: list[Proxy], redis: LocalRedis) -> None:
        self.workers = workers
        self.proxies = proxies
        self.redis = redis

    def outages(self) -> list[int]:
        """How many each worker has told of in its log."""
        return [each.output().count("Redis is away") for each in self.workers]

    async def heals(self) -> None:
        """Wait until each worker has said that Redis is back."""
        async with asyncio.timeout(20):
            while any(  # noqa: ASYNC110  # a log file tells nobody that it has grown
                each.output().count("Redis is away") > each.output().count("Redis is back")
                for each in self.workers
            ):
                await asyncio.sleep(0.05)


@pytest.fixture(scope="module")
def runner():
    with asyncio.Runner() as runner:
        yield runner


@asynccontextmanager
async def a_site(
    tmp_path_factory, shared, redis: LocalRedis, ready: str = HEALTH
) -> AsyncIterator[Site]:
    async with contextlib.AsyncExitStack() as stack:
        workers: list[Server] = []
        proxies: list[Proxy] = []
        for _ in range(2):
            proxy = await stack.enter_async_context(Proxy(redis.port, http=False))
            url = redis.url.replace(f":{redis.port}/", f":{proxy.port}/")
            server = Server(tmp_path_factory.mktemp("away"), **shared, TRIPCHAT_REDIS_URL=url)
            await server.start(ready)
            stack.push_async_callback(server.stop)
            workers.append(server)
            proxies.append(proxy)
        yield Site(workers, proxies, redis)
    assert [each.complaints() for each in workers] == [[], []]


FAULTS = ("restarted", "flushed", "killed subscriptions", "silent", "unreachable", "cut", "slow")


async def _break(site: Site, fault: str) -> None:
    redis = site.redis
    if fault == "restarted":
        await asyncio.to_thread(redis.kill)
    elif fault == "flushed":
        async with Redis.from_url(redis.url) as client:
            await client.flushall()
    elif fault == "killed subscriptions":
        async with Redis.from_url(redis.url) as client:
            await client.execute_command("CLIENT", "KILL", "TYPE", "pubsub")
    for proxy in site.proxies:
        if fault == "silent":
            proxy.stall()
        elif fault == "unreachable":
            proxy.refuse()
            proxy.reset()
        elif fault == "cut":
            proxy.cut()
        elif fault == "slow":
            proxy.delay(0.5)


async def _mend(site: Site, fault: str) -> None:
    if fault == "restarted":
        await asyncio.to_thread(site.redis.start)
    for proxy in site.proxies:
        proxy.mend()


async def _talk(tabs: list[Tab], trip: str, said: list[str]) -> None:
    for number in range(10):
        await asyncio.gather(
            *(tab.sends(trip, text) for tab in tabs for text in [f"{tab.token} {number}"])
        )
        said += [f"{tab.token} {number}" for tab in tabs]


@pytest.mark.parametrize("fault", FAULTS)
def test_nothing_is_lost_doubled_or_reordered(
    runner: asyncio.Runner, tmp_path_factory, shared: dict[str, str], fault: str
) -> None:
    async def play() -> None:
        with a_redis() as redis:
            async with a_site(tmp_path_factory, shared, redis) as site:
                one, two = site.workers
                ana = await Account.sign_up(one.url, "Ana Lima")
                bo = await Account.sign_up(two.url, "Bo Berg")
                trip = await ana.makes_trip("Lisbon", bo)
                async with (
                    tab_of(one, ana, f"/trip/{trip}") as here,
                    tab_of(two, bo, f"/trip/{trip}") as there,
                    tab_of(two, bo, "/") as listing,
                ):
                    tabs = [here, there]
                    said: list[str] = []
                    await _talk(tabs, trip, said)
                    await _break(site, fault)
                    await _talk(tabs, trip, said)
                    for tab in tabs:
                        await tab.until(lambda: tab.last_seq == len(said))  # noqa: B023
                    await listing.until(lambda: listing.trips.cards[trip]["last_seq"] == len(said))
                    await _mend(site, fault)
                    await site.heals()
                    await _talk(tabs, trip, said)
                    await here.until(lambda: here.last_seq == len(said))
                    stored = [message["text"] for message in await bo.reads_all(trip)]
                    assert sorted(stored) == sorted(said)
                    for tab in tabs:
                        await tab.until(lambda: tab.texts == stored)  # noqa: B023
                        assert_in_order(tab)
                    await here.until(lambda: here.online == {ana.user_id, bo.user_id})
                    await there.until(lambda: there.online == {ana.user_id, bo.user_id})
                    await there.types()
                    await here.until(lambda: here.typing == [bo.user_id])
                await ana.close()
                await bo.close()
                # One outage is one line, however often something fails in it.
                assert max(site.outages()) <= 2

    runner.run(play())


def test_a_sign_out_and_a_removal_take_effect_while_redis_is_away(
    runner: asyncio.Runner, tmp_path_factory: pytest.TempPathFactory, shared: dict[str, str]
) -> None:
    async def play(redis: LocalRedis) -> None:
        async with a_site(tmp_path_factory, shared, redis) as site:
            one, two = site.workers
            ana = await Account.sign_up(one.url, "Ana Lima")
            phone = await ana.on_another_device()
            bo = await Account.sign_up(one.url, "Bo Berg")
            trip = await ana.makes_trip("Lisbon", bo)
            async with (
                tab_of(two, phone, f"/trip/{trip}") as signed_in,
                tab_of(two, bo, f"/trip/{trip}") as there,
                tab_of(two, bo, "/") as listing,
                tab_of(two, ana, f"/trip/{trip}") as stays,
            ):
                await _break(site, "unreachable")
                await phone.posts("/api/auth/sign-out", {})
                await ana.removes(trip, bo)
                other = await ana.makes_trip("Oslo", bo)
                await signed_in.until(lambda: signed_in.closed)
                await there.until(lambda: there.var(ROOM_STATE, "problem") == "not-a-member")
                await listing.until(lambda: set(listing.trips.cards) == {other})
                await stays.until(lambda: stays.trips.members[bo.user_id]["left"])
                await ana.writes(trip, "without them")
                await stays.until(lambda: stays.texts == ["without them"])
                for tab in (signed_in, there, listing):
                    assert not any("without them" in frame for frame in tab.frames)
                await ana.is_called("Ana Maria")
                await stays.until(lambda: stays.trips.members[ana.user_id]["name"] == "Ana Maria")
                await ana.writes(other, f"@{bo.name} comes along")
                await listing.until(lambda: listing.trips.cards[other]["mentions"] == 1)
                await ana.renames(other, "Bergen")
                await listing.until(lambda: listing.trips.cards[other]["title"] == "Bergen")
            for person in (ana, phone, bo):
                await person.close()

    with a_redis() as redis:
        runner.run(play(redis))


def test_a_redis_that_is_down_at_the_start_is_no_obstacle(
    runner: asyncio.Runner, tmp_path_factory: pytest.TempPathFactory, shared: dict[str, str]
) -> None:
    async def play(redis: LocalRedis) -> None:
        redis.kill()
        # By its own account such a site is not healthy, but it serves.
        async with a_site(tmp_path_factory, shared, redis, f"{HEALTH}/live") as site:
            one, two = site.workers
            ana = await Account.sign_up(one.url, "Ana Lima")
            trip = await ana.makes_trip("Lisbon")
            async with (
                tab_of(one, ana, f"/trip/{trip}") as here,
                tab_of(two, ana, f"/trip/{trip}") as there,
            ):
                await here.sends(trip, "is anybody there?")
                await there.until(lambda: there.texts == ["is anybody there?"])
                assert site.outages() == [1, 1]
                redis.start()
                await site.heals()
                await there.types()
                await here.until(lambda: here.typing)
            await ana.close()

    with a_redis() as redis:
        runner.run(play(redis))
