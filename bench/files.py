"""`python -m bench.files`: what photos and files cost those who write messages meanwhile.

Three questions: how much memory one upload takes, how much later messages come in another trip
while many upload, and how much of a send is sealing.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import uvloop

from bench.delivery import Delivery, steady
from bench.figures import Spread, number, percentile
from bench.progress import say
from bench.sealing_cost import sealing_cost
from bench.server import CLIENT_CORE, Server, pin
from bench.site import Trip
from bench.tabs import Tabs, open_tabs
from bench.tripchat import TripChat
from bench.websocket import Inbox

MEGABYTE = 1024 * 1024
TABS = 100
UPLOADS = 20
RATE = 1.25e6
"""Bytes a second of each line: 25 MB take twenty seconds, as on a good mobile connection."""

LOOK_SECONDS = 0.02
SETTLE_SECONDS = 2.0


@dataclass
class Watch:
    """The memory of a server's process, and of those that it starts, from one moment on."""

    server: Server
    before: int = 0
    most: int = 0
    most_below: int = 0
    _task: asyncio.Task[None] | None = field(default=None, repr=False)

    async def __aenter__(self) -> Watch:
        self.before = self.most = self.server.own_memory()
        self._task = asyncio.create_task(self._look())
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._task is not None
        self._task.cancel()

    async def _look(self) -> None:
        top = psutil.Process(self.server.pid)
        while True:
            self.most = max(self.most, top.memory_info().rss)
            try:
                below = sum(each.memory_info().rss for each in top.children(recursive=True))
            except psutil.NoSuchProcess:  # has just ended
                below = 0
            self.most_below = max(self.most_below, below)
            await asyncio.sleep(LOOK_SECONDS)

    @property
    def extra(self) -> str:
        """What the server itself, and what its processes took, in MB."""
        return (
            f"{(self.most - self.before) / MEGABYTE:.1f} MB more in the server, "
            f"{self.most_below / MEGABYTE:.0f} MB in the process that draws photos"
        )


@asynccontextmanager
async def uploader(
    site: TripChat, trip: Trip, files: int, photos: int, rate: float
) -> AsyncIterator[Process]:
    """A process that is ready to send so many files, by as many people."""
    cookies = [f"--cookie={site.people[n].cookie}" for n in range(files)]
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bench.uploader", f"--port={site.server.port}"),
        *(f"--trip={trip.trip_id}", f"--photos={photos}", f"--rate={rate}", *cookies),
        stdin=PIPE,
        stdout=PIPE,
    )
    assert process.stdout is not None
    await process.stdout.readline()
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def begin(process: Process) -> None:
    """Let it send."""
    assert process.stdin is not None
    process.stdin.write(b"\n")
    await process.stdin.drain()


async def answers(process: Process) -> list[str]:
    """What the server said to each file."""
    assert process.stdout is not None
    return (await process.stdout.read()).decode().splitlines()


async def one_upload(site: TripChat, trip: Trip, *, photo: bool) -> str:
    """What one file of 25 MB costs of memory, sent over a narrow line."""
    async with uploader(site, trip, 1, int(photo), RATE) as process:
        await asyncio.sleep(SETTLE_SECONDS)
        async with Watch(site.server) as watch:
            await begin(process)
            [answer] = await answers(process)
            await asyncio.sleep(SETTLE_SECONDS)
    return f"{'a photo' if photo else 'a file'} of 25 MB ({answer} s): {watch.extra}"


@dataclass
class Turns:
    """Deliveries in a quiet and in a busy site, taken in turns."""

    quiet: list[Delivery] = field(default_factory=list)
    busy: list[Delivery] = field(default_factory=list)

    def line(self) -> str:
        """The ratio of all delays' p95, that of each pair, and how far the quiet ones differ."""
        all_quiet, all_busy = _p95(self.quiet), _p95(self.busy)
        pairs = zip(self.busy, self.quiet, strict=True)
        ratios = Spread.of([busy.p95 / quiet.p95 for busy, quiet in pairs])
        noise = Spread.of([each.p95 for each in self.quiet])
        return (
            f"p95 {number(all_quiet)} ms quiet, {number(all_busy)} ms while {UPLOADS} upload: "
            f"{number(all_busy / all_quiet)} x (pairs {number(ratios.median)}, "
            f"{number(ratios.low)} to {number(ratios.high)}; quiet rounds "
            f"{number(noise.low)} to {number(noise.high)} ms); "
            f"the server's core {_busy(self.quiet):.0%} and {_busy(self.busy):.0%} busy"
        )


def _p95(deliveries: Sequence[Delivery]) -> float:
    return percentile([delay for each in deliveries for delay in each.delays], 95)


def _busy(deliveries: Sequence[Delivery]) -> float:
    """The share of its core that the server used."""
    used = sum(each.cpu_per_1000 * len(each.delays) / 1000 for each in deliveries)
    return used / sum(each.seconds for each in deliveries)


async def many_uploads(
    site: TripChat, trip: Trip, tabs: Tabs, rounds: int, seconds: float, photos: int
) -> tuple[str, str]:
    """How much later messages come while 20 people upload in another trip, and the memory."""
    turns = Turns()
    async with Watch(site.server) as watch:
        for turn in range(rounds):
            async with uploader(site, trip, UPLOADS, photos, RATE) as process:
                turns.quiet.append(await steady(tabs, seconds))
                await begin(process)
                turns.busy.append(await steady(tabs, seconds))
                said = await answers(process)
            refused = [line for line in said if " 201 " not in line]
            say(
                f"round {turn}: p95 {turns.quiet[-1].p95:.1f} ms quiet, "
                f"{turns.busy[-1].p95:.1f} ms busy; {len(refused)} refused {refused[:1]}; "
                f"last answer {max(said, key=lambda line: float(line.split()[-1]))}"
            )
    kind = f"{UPLOADS} at once, {photos} of them photos"
    return f"{kind}: {turns.line()}", f"{kind}: {watch.extra}"


async def measure(port: int, data: Path, rounds: int, seconds: float) -> list[str]:
    """All lines of the report."""
    lines: list[str] = []
    site = await TripChat.start(Inbox(asyncio.get_running_loop()), port, data)
    try:
        elsewhere, here = await site.trip("Uploads"), await site.trip("Messages", 100)
        for photo in (False, True, False, True):  # the first ones load what stays
            lines.append(await one_upload(site, elsewhere, photo=photo))
            say(lines[-1])
        async with open_tabs(site.channel(here), TABS) as tabs:
            for photos in (0, UPLOADS // 2):
                lines += await many_uploads(site, elsewhere, tabs, rounds, seconds, photos)
    finally:
        site.stop()
    lines.append(await sealing_cost())
    return lines


def main() -> None:
    """Read the arguments, run, print the report."""
    parser = argparse.ArgumentParser(prog="bench.files", description=__doc__)
    parser.add_argument("--port", type=int, default=3930)
    parser.add_argument("--rounds", type=int, default=6)
    parser.add_argument("--seconds", type=float, default=24.0, help="of each quiet and busy round")
    options = parser.parse_args()
    pin(CLIENT_CORE)
    began = time.time()
    with tempfile.TemporaryDirectory(prefix="tripchat-bench-") as folder:
        lines = uvloop.run(measure(options.port, Path(folder), options.rounds, options.seconds))
    print("\n".join(f"- {line}" for line in lines))
    say(f"{time.time() - began:.0f} s")


if __name__ == "__main__":
    main()
