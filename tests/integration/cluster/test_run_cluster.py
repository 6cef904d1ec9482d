"""`tripchat run-cluster`: a site of several workers from the packages of this machine alone."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kit.backing import a_folder
from tests.kit.people import Account
from tests.kit.server import HEALTH, ROOT, Server

WORKER = "Worker "


class OwnCluster(Server):
    """A server that brings its own PostgreSQL and Redis."""

    command = "run-cluster"

    async def start(self, ready: str = HEALTH, /, **environment: str) -> None:
        """Start it, and wait until both workers are there."""
        lines = self._lines(WORKER)
        await super().start(ready, **environment)
        async with asyncio.timeout(30):
            while self._lines(WORKER) < lines + 2:  # noqa: ASYNC110  # nobody tells
                await asyncio.sleep(0.05)

    def _lines(self, beginning: str) -> int:
        said = self.output().splitlines() if self.log.exists() else []
        return sum(line.startswith(beginning) for line in said)


@pytest.fixture(params=["", "for-root-alone"])
def folder(request: pytest.FixtureRequest) -> Iterator[Path]:
    """Any folder, and one that nobody else can pass."""
    with a_folder() as folder:
        if request.param:
            (folder / request.param).mkdir(mode=0o700)
        yield folder / request.param
        data = folder / request.param / "data" / "cluster" / "postgres"
        if data.is_symlink():
            shutil.rmtree(data.resolve(), ignore_errors=True)


def left_over(folder: Path) -> list[str]:
    """The programs that still run with something in this folder."""
    mark, found = os.fsencode(folder), []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_bytes()
            working = os.fsencode(os.readlink(process / "cwd"))
        except OSError:
            continue
        if mark in command or working.startswith(mark):
            found.append(command.replace(b"\0", b" ").decode())
    return found


async def test_it_goes_on_with_its_data_however_it_ended(folder: Path) -> None:
    site = OwnCluster(folder)
    await site.start()
    try:
        ana = await Account.sign_up(site.url, "Ana Lima")
        for end in (site.stop, site.kill, site.stop):
            await end()
            if end == site.stop:
                assert left_over(folder) == []
            await site.start()
            assert (await ana.http.get("/api/me")).json()["name"] == "Ana Lima"
        await ana.close()
        again = await asyncio.to_thread(starts, folder)
        assert again.returncode == 1
        assert again.stderr.startswith("TripChat cannot start: another TripChat uses ")
    finally:
        await site.stop()
    assert site.complaints() == [], site.output()
    assert left_over(folder) == []


def tripchat(
    *command: str | Path, folder: Path, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run a command that ends by itself."""
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("TRIPCHAT_")}
    return subprocess.run(
        [sys.executable, "-m", "tripchat", *command, "--data", folder / "data"],
        cwd=ROOT, env=inherited | environment, capture_output=True, text=True, timeout=60,
    )  # fmt: skip


def starts(folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Start one that cannot start."""
    return tripchat("run-cluster", folder=folder, **environment)


async def test_its_database_is_backed_up_and_restored_whether_it_runs_or_not(folder: Path) -> None:
    site = OwnCluster(folder)
    backup = folder / "trips.backup"

    def keeps(command: str, *options: str) -> tuple[int, str]:
        done = tripchat(command, backup, "--cluster", *options, folder=folder)
        return done.returncode, done.stderr

    assert keeps("backup")[0] == 1
    await site.start()
    try:
        ana = await Account.sign_up(site.url, "Ana Lima")
        assert await asyncio.to_thread(keeps, "backup") == (0, "")
        running = "TripChat: the site is running: stop it first\n"
        assert await asyncio.to_thread(keeps, "restore", "--replace") == (1, running)
        await ana.makes_trip("Lisbon")
        await site.stop()
        assert left_over(folder) == []
        assert keeps("restore", "--replace") == (0, "")
        assert left_over(folder) == []
        await site.start()
        assert (await ana.http.get("/api/me")).json()["name"] == "Ana Lima"
        assert (await ana.http.get("/api/trips")).json() == []
        await ana.close()
    finally:
        await site.stop()


async def test_what_is_missing_is_named(folder: Path) -> None:
    done = await asyncio.to_thread(starts, folder, PATH=str(folder))
    assert done.returncode == 1
    assert "apt-get install" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert left_over(folder) == []
