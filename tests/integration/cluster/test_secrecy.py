"""What passes through Redis tells nobody what people write, or who they are."""

from __future__ import annotations

import asyncio

from redis.asyncio import Redis

from tests.kit.people import Account
from tests.kit.server import Server
from tests.kit.tab import tab_of
from tripchat.local.redis import LocalRedis


async def test_redis_neither_hears_nor_keeps_anything_readable(
    workers: list[Server], redis: LocalRedis, ana: Account, bo: Account
) -> None:
    secrets = ("Meet me at Rossio", "Lissabon-Reise", "Anastasia", "Seen at the café", ana.email)
    heard: list[bytes] = []
    async with Redis.from_url(redis.url) as client, Redis.from_url(redis.url) as other:
        async with client.monitor() as monitor, other.pubsub() as listening:
            await listening.psubscribe("*")

            async def watch() -> None:
                while True:
                    command = await monitor.next_command()
                    heard.append(command["command"].encode(errors="surrogateescape"))

            async def listen() -> None:
                async for message in listening.listen():
                    if message["type"] == "pmessage":
                        heard.append(message["data"])

            watching = [asyncio.create_task(work) for work in (watch(), listen())]
            trip = await ana.makes_trip(secrets[1], bo)
            async with (
                tab_of(workers[0], ana, f"/trip/{trip}") as here,
                tab_of(workers[1], bo, f"/trip/{trip}") as there,
            ):
                await here.sends(trip, secrets[0])
                await there.until(lambda: there.texts == [secrets[0]])
                await ana.edits(trip, 1, secrets[3])
                await there.until(lambda: there.texts == [secrets[3]])
                await ana.is_called(secrets[2])
                await there.until(lambda: there.trips.members[ana.user_id]["name"] == secrets[2])
                await there.types()
                await here.until(lambda: here.typing)
            for task in watching:
                task.cancel()
            await asyncio.gather(*watching, return_exceptions=True)
        assert len(heard) > 10
        readable = [*secrets, trip, ana.user_id, bo.user_id, "MessageAdded"]
        for said in heard:
            assert not [each for each in readable if each.encode() in said]
        assert await other.keys("*") == []
