"""What one Redis passes on: publishes a second, by the number of workers that listen."""

from __future__ import annotations

import asyncio
import os
import socket
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

import psutil

from bench.cluster.listeners import command
from bench.cluster.rows import Row
from bench.figures import number
from bench.people import SetUpFailed
from tests.kit.backing import a_redis

SUBSCRIBERS = (2, 10, 50)
PUBLISHERS = 4  # connections, each with one publish under way, as a worker's
PAYLOAD = 470  # bytes: a message of 120 characters as the workers tell it to each other
CHANNEL = "tripchat"


@dataclass(frozen=True)
class Passing:
    """With so many subscribers."""

    subscribers: int
    per_second: float  # publishes, as fast as they go on this machine
    cpu: float  # seconds of Redis for each


@dataclass
class RedisLoad:
    """One Redis, with payloads of a message's size."""

    payload: int
    passing: list[Passing]

    @property
    def per_publish(self) -> float:
        """CPU seconds of a publish that nobody hears (from the line through the figures)."""
        few = self.passing[0]
        return few.cpu - few.subscribers * self.per_delivery

    @property
    def per_delivery(self) -> float:
        """CPU seconds for each subscriber more."""
        few, many = self.passing[0], self.passing[-1]
        return (many.cpu - few.cpu) / (many.subscribers - few.subscribers)

    def rows(self) -> Iterator[Row]:
        """A line for each number of subscribers, and what follows from them."""
        for each in self.passing:
            yield Row(
                f"Redis, {each.subscribers} subscribers, {self.payload} bytes: publishes/s here; "
                "with a core of its own; CPU for each",
                f"{number(each.per_second)}; {number(1 / each.cpu)}; {number(1e6 * each.cpu)} us",
            )
        yield Row(
            "Redis' CPU: a publish + each delivery",
            f"{number(1e6 * self.per_publish)} + {number(1e6 * self.per_delivery)} us",
        )


async def redis_load(seconds: float) -> RedisLoad:
    """Publishes as fast as one Redis takes it, a Redis that nobody else uses."""
    with a_redis() as redis:
        address = urlsplit(redis.url)
        passing = [
            await _passing(redis.pid, redis.port, address.password or "", count, seconds)
            for count in SUBSCRIBERS
        ]
    return RedisLoad(PAYLOAD, passing)


async def _passing(pid: int, port: int, password: str, subscribers: int, seconds: float) -> Passing:
    listeners = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bench.cluster.listeners"),
        *("--port", str(port), "--password", password, "--channel", CHANNEL),
        *("--count", str(subscribers)),
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        assert listeners.stdout is not None
        if not await listeners.stdout.readline():
            raise SetUpFailed("nobody listens to Redis")
        return await asyncio.to_thread(_publish, pid, port, password, subscribers, seconds)
    finally:
        listeners.terminate()
        await listeners.wait()


def _publish(pid: int, port: int, password: str, subscribers: int, seconds: float) -> Passing:
    publish = command("PUBLISH", CHANNEL, os.urandom(PAYLOAD))
    connections = [socket.create_connection(("127.0.0.1", port)) for _ in range(PUBLISHERS)]
    for connection in connections:
        connection.sendall(command("AUTH", password))
        connection.recv(64)
    redis = psutil.Process(pid)
    before, began, published = redis.cpu_times(), time.perf_counter(), 0
    while time.perf_counter() < began + seconds:
        for connection in connections:
            connection.sendall(publish)
        for connection in connections:
            connection.recv(64)
        published += PUBLISHERS
    took, after = time.perf_counter() - began, redis.cpu_times()
    for connection in connections:
        connection.close()
    used = after.user + after.system - before.user - before.system
    return Passing(subscribers, published / took, used / published)
