"""Several workers under a supervisor: whatever happens to one, the site goes on."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from tests.kit.cluster import Cluster, a_cluster
from tests.kit.server import OUTAGE, ROOT
from tripchat.local.process import free_port
from tripchat.server.child import HUNG_SECONDS

LINES = 200

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def cluster() -> AsyncIterator[Cluster]:
    """Two workers, or more, for all tests here."""
    async with a_cluster() as cluster:
        yield cluster
        assert cluster.complaints(OUTAGE) == [], cluster.output()


async def who_answers(url: str) -> str:
    """The id of a worker that answers there."""
    async with httpx.AsyncClient(timeout=10) as http:
        answer = await http.get(f"{url}/api/health/live")
    assert answer.status_code == 200
    return answer.json()["worker"]


async def answers_all_the_while(url: str, work: asyncio.Task[object]) -> int:
    """Ask again and again, with connections of their own; gives how often."""
    asked = 0
    while not work.done():
        await who_answers(url)
        asked += 1
        await asyncio.sleep(0.02)
    await work
    return asked


def is_there(pid: int) -> bool:
    """Whether a process exists that is more than a dead one's name."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def started_by(cluster: Cluster) -> list[str]:
    """The processes that a site's supervisor has started, which have its port to listen at."""
    mark = f"TRIPCHAT_PORT={cluster.port}".encode()
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if mark in (process / "environ").read_bytes().split(b"\0"):
                found.append(process.name)
    return found


async def test_each_worker_is_reached_by_itself_and_all_at_one_address(cluster: Cluster) -> None:
    by_themselves = [await who_answers(url) for url in cluster.worker_urls]
    assert len(set(by_themselves)) == 2
    assert by_themselves == [await who_answers(url) for url in cluster.worker_urls]
    shared = {await who_answers(cluster.url) for _ in range(20)}
    assert shared <= set(by_themselves)


@pytest.mark.parametrize("how", ["killed", "stopped"])
async def test_a_worker_that_is_lost_is_replaced_and_nobody_waits_for_it(
    cluster: Cluster, how: str
) -> None:
    url = cluster.worker_urls[0]
    before, pid = await who_answers(url), cluster.workers[0].pid
    os.kill(pid, signal.SIGKILL if how == "killed" else signal.SIGSTOP)
    lost = asyncio.create_task(cluster.replaced(0, pid))
    began = time.monotonic()
    asked = await answers_all_the_while(cluster.url, lost)
    assert asked > 10
    assert time.monotonic() - began < HUNG_SECONDS + 15
    assert cluster.worker_urls[0] == url
    assert await who_answers(url) != before
    assert not is_there(pid)


async def test_a_worker_that_cannot_start_is_tried_until_it_can(cluster: Cluster) -> None:
    pid = cluster.workers[0].pid
    await cluster.stop_postgres()
    os.kill(pid, signal.SIGKILL)
    refusals = cluster.output().count("TripChat cannot start")
    tried = asyncio.create_task(
        cluster.until(lambda: cluster.output().count("TripChat cannot start") >= refusals + 3)
    )
    assert await answers_all_the_while(cluster.url, tried)
    await cluster.start_postgres()
    await cluster.replaced(0, pid)
    await cluster.answers()


async def test_all_are_replaced_without_a_gap(cluster: Cluster) -> None:
    before = {await who_answers(url) for url in cluster.worker_urls}
    urls = cluster.worker_urls
    asked = await answers_all_the_while(cluster.url, asyncio.create_task(cluster.renew()))
    assert asked > 10
    assert cluster.worker_urls == urls
    assert not before & {await who_answers(url) for url in cluster.worker_urls}


async def test_one_more_and_one_fewer(cluster: Cluster) -> None:
    pids = [worker.pid for worker in cluster.workers]
    await cluster.add_worker()
    third = cluster.workers[2]
    assert await who_answers(third.url)
    asked = await answers_all_the_while(cluster.url, asyncio.create_task(cluster.remove_worker()))
    assert asked
    assert not is_there(third.pid)
    assert [worker.pid for worker in cluster.workers] == pids


@pytest.mark.parametrize("pause", [0.0, 0.005], ids=["at once", "one by one"])
async def test_connections_are_shared_out(cluster: Cluster, pause: float) -> None:
    lines: list[asyncio.StreamWriter] = []
    # What the tests before have left ends within a moment.
    await all_taken(cluster, 0)
    for _ in range(LINES):
        _, line = await asyncio.open_connection("127.0.0.1", cluster.port)
        lines.append(line)
        await asyncio.sleep(pause)
    counts = await all_taken(cluster, LINES)
    for line in lines:
        line.close()
    assert min(counts) > 0.35 * LINES, counts


async def all_taken(cluster: Cluster, expected: int) -> list[int]:
    """How many connections each worker has, as soon as they are so many together."""
    async with asyncio.timeout(20):
        while True:
            counts = [connections_of(worker.pid, cluster.port) for worker in cluster.workers]
            if sum(counts) == expected:
                return counts
            await asyncio.sleep(0.05)


def connections_of(pid: int, port: int) -> int:
    """How many connections at this port a process has taken."""
    inodes = set()
    for descriptor in Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):
            inodes.add(os.readlink(descriptor))
    count = 0
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        field = line.split()
        is_ours = int(field[1].rpartition(":")[2], 16) == port and field[3] == "01"
        count += is_ours and f"socket:[{field[9]}]" in inodes
    return count


@pytest.mark.parametrize("how", ["SIGTERM", "SIGINT", "SIGKILL", "in the middle of a start"])
async def test_the_end_leaves_nobody_behind(how: str) -> None:
    async with a_cluster() as cluster:
        supervisor = cluster.pid
        assert len(started_by(cluster)) == 2
        if how == "in the middle of a start":
            os.kill(supervisor, signal.SIGTTIN)
            os.kill(cluster.workers[0].pid, signal.SIGKILL)
            os.kill(supervisor, signal.SIGTERM)
        else:
            os.kill(supervisor, signal.Signals[how])
        async with asyncio.timeout(20):
            while started_by(cluster):  # noqa: ASYNC110  # nobody tells
                await asyncio.sleep(0.05)
        assert cluster.complaints() == [], cluster.output()


def starts(tmp_path: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Start a site that cannot start."""
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("TRIPCHAT_")}
    return subprocess.run(
        [sys.executable, "-m", "tripchat", "run", "--data", tmp_path],
        cwd=ROOT, env=inherited | environment, capture_output=True, text=True, timeout=60,
    )  # fmt: skip


NOWHERE = {
    "TRIPCHAT_WORKERS": "2",
    "TRIPCHAT_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
    "TRIPCHAT_REDIS_URL": "redis://127.0.0.1:1",
}


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({}, "the database"),
        ({"TRIPCHAT_DATABASE_URL": ""}, "several workers need PostgreSQL"),
        ({"TRIPCHAT_REDIS_URL": ""}, "several workers need PostgreSQL"),
        ({"TRIPCHAT_WORKERS": "two"}, "TRIPCHAT_WORKERS"),
        ({"TRIPCHAT_WORKER_HOST": "::"}, "TRIPCHAT_WORKER_HOST"),
        ({"TRIPCHAT_WORKER_HOST": "203.0.113.1"}, "cannot listen at 203.0.113.1"),
        ({"TRIPCHAT_WORKER_PORT": "65535"}, "cannot listen at 127.0.0.1 port 65536"),
        ({"TRIPCHAT_WORKER_URL": "here"}, "TRIPCHAT_WORKER_URL"),
        ({"TRIPCHAT_WORKER_URL": "http://10.0.0.7:3000"}, "TRIPCHAT_WORKER_URL"),
    ],
)
async def test_what_is_wrong_is_said_in_one_line(
    tmp_path: Path, wrong: dict[str, str], said: str
) -> None:
    port = {"TRIPCHAT_PORT": str(free_port())}
    done = await asyncio.to_thread(starts, tmp_path, **(NOWHERE | port | wrong))
    assert done.returncode == 1
    assert said in done.stderr
    assert done.stderr.startswith("TripChat cannot start: ")
    assert len(done.stderr.splitlines()) == 1, done.stderr
