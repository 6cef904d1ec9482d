"""Two workers on a PostgreSQL and a Redis of the bench's own, and the people of their site."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import secrets
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass

import psutil

from bench.people import Person, SetUpFailed
from bench.site import Trip
from bench.tab import ReflexTab, Tab
from bench.tripchat import TripChat
from bench.websocket import Inbox
from tests.kit.backing import a_folder, a_redis
from tripchat.local.postgres import LocalPostgres
from tripchat.local.redis import LocalRedis

COMPANY = 20  # people of a trip


@dataclass(frozen=True)
class Cpu:
    """CPU seconds up to now, or between two moments."""

    workers: tuple[float, ...]
    postgres: float
    redis: float

    def since(self, before: Cpu) -> Cpu:
        """What was used between `before` and this."""
        pairs = zip(self.workers, before.workers, strict=True)
        return Cpu(
            tuple(now - then for now, then in pairs),
            self.postgres - before.postgres,
            self.redis - before.redis,
        )


class Cluster:
    """A running site of two workers, each reached at a port of its own."""

    name = "cluster"

    def __init__(
        self,
        workers: Sequence[TripChat],
        postgres: LocalPostgres,
        redis: LocalRedis,
        storage: Mapping[str, str],
    ) -> None:
        """`storage` are the settings that all of them share."""
        self.workers = workers
        self.redis_url = redis.url
        self.secret_key = storage["TRIPCHAT_SECRET_KEY"]
        self._storage = storage
        self.first = workers[0]
        self.server = workers[0].server
        self._postgres = psutil.Process(postgres.pid)
        self._redis = psutil.Process(redis.pid)

    def cpu(self) -> Cpu:
        """What everything has used so far."""
        return Cpu(
            tuple(worker.server.cpu_seconds() for worker in self.workers),
            _used(self._postgres) + sum(map(_used, self._postgres.children())),
            _used(self._redis),
        )

    async def companies(self, count: int, size: int = COMPANY) -> list[Company]:
        """So many trips of so many people each, who are in no other trip."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bench.cluster.crowd"),
            *(f"--trips={count}", f"--size={size}"),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env={**os.environ, **self._storage},
        )
        made, complaints = await process.communicate()
        if process.returncode:
            raise SetUpFailed(f"nobody could be signed up: {complaints.decode()[-2000:]}")
        return [
            Company(Trip(each["trip_id"], 0), [Person(**person) for person in each["people"]])
            for each in json.loads(made)
        ]


@dataclass(frozen=True)
class Company:
    """A trip and those who are in it."""

    trip: Trip
    people: list[Person]


class Spread:
    """A chat whose tabs are spread evenly over trips, people and workers."""

    def __init__(
        self, cluster: Cluster, companies: Sequence[Company], workers: Sequence[TripChat]
    ) -> None:
        self.name = cluster.name
        self.server = cluster.server
        self.workers = workers
        self.trips = len(companies)
        self._companies = companies

    def worker_of(self, tab: int) -> int:
        """The number of the worker that a tab is connected to."""
        return tab % len(self.workers)

    def company_of(self, tab: int) -> int:
        """The number of the trip that a tab has open."""
        return tab // len(self.workers) % len(self._companies)

    def tab(self, index: int) -> ReflexTab:
        """A tab that is not open yet."""
        company = self._companies[self.company_of(index)]
        turn = index // len(self.workers) // len(self._companies)
        worker = self.workers[self.worker_of(index)]
        return worker.tab_of(index, company.trip, company.people[turn % len(company.people)])

    def send(self, tab: Tab, number: int) -> None:
        """Sends message `number` in the tab's own trip."""
        worker = self.workers[self.worker_of(tab.index)]
        worker.channel(self._companies[self.company_of(tab.index)].trip).send(tab, number)

    def stop(self) -> None:
        """The cluster ends by itself."""


@asynccontextmanager
async def a_cluster(inbox: Inbox, port: int) -> AsyncIterator[Cluster]:
    """Starts everything, with data that is gone afterwards."""
    with ExitStack() as stack:
        folder = stack.enter_context(a_folder())
        # Durable, as it would be served: what a commit costs is part of every figure.
        postgres = LocalPostgres(folder)
        stack.callback(postgres.stop)
        postgres.start()
        redis = stack.enter_context(a_redis())
        storage = {
            "TRIPCHAT_DATABASE_URL": postgres.url,
            "TRIPCHAT_REDIS_URL": redis.url,
            "TRIPCHAT_SECRET_KEY": base64.b64encode(secrets.token_bytes(32)).decode(),
        }
        first = await TripChat.start(inbox, port, folder / "data", storage)
        stack.callback(first.stop)
        second = await first.beside(port + 1)
        stack.callback(second.stop)
        yield Cluster((first, second), postgres, redis, storage)


def _used(process: psutil.Process) -> float:
    # With what its children used that have ended.
    times = process.cpu_times()
    return times.user + times.system + times.children_user + times.children_system
