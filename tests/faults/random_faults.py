"""Everything that can happen to a connection happens, many times, while everybody writes."""

from __future__ import annotations

import asyncio
import sys
import time
from contextlib import AsyncExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Any

from playwright.async_api import Browser

from tests.faults.crowd import NAMES, Crowd
from tests.faults.evidence import keep
from tests.faults.faults import KINDS, Fault, befalls, drawn
from tests.faults.recoveries import Recoveries
from tests.faults.report import Report
from tests.faults.traveller import Patience
from tests.faults.verdict import judged
from tests.kit.proxy import Proxy

AT_ONCE = 12
"""Faults."""
PROGRESS_EVERY = 50
PATIENCE = Patience(steps=(0.25, 0.5, 1.0, 2.0), ping_seconds=3.0, deadline_seconds=3.0)
"""Tabs without a browser are quicker than it, so that the run is shorter."""


class Run:
    """One run: the faults strike, several at once, but one at a time on each way."""

    def __init__(self, crowd: Crowd, faults: list[Fault]) -> None:
        self._crowd = crowd
        self._faults = faults
        proxies = (tab.proxy for tab in crowd.tabs.values())
        self._ways = {way: asyncio.Lock() for way in proxies if isinstance(way, Proxy)}
        self._began = time.monotonic()
        self._over = 0
        self.recoveries = Recoveries()

    async def goes(self) -> None:
        """Let all of them strike, in their order."""
        places = asyncio.Semaphore(AT_ONCE)
        async with asyncio.TaskGroup() as group:
            for fault in self._faults:
                await places.acquire()
                task = group.create_task(self._strikes(fault))
                task.add_done_callback(lambda _: places.release())

    async def _strikes(self, fault: Fault) -> None:
        tabs = self._crowd.of(fault.whom)
        struck = {tab.proxy for tab in tabs}
        # Always taken in the same order: nobody waits for whoever waits for them.
        ways = [way for way in self._ways if way in struck]
        async with AsyncExitStack() as held:
            for way in ways:
                await held.enter_async_context(self._ways[way])
            noted = asdict(fault) | {"at": self._now()}
            self.recoveries.log.append(noted)
            await befalls(fault, ways)
            noted["mended"] = self._now()
            mended = time.monotonic()
            # Only what is written from now on shows that the way is there again.
            wanted = await self._crowd.probes()
            noted["recovered"] = await self.recoveries.of(tabs, wanted, mended, fault.kind)
        self._over += 1
        if self._over % PROGRESS_EVERY == 0:
            sys.stderr.write(f"{self._over} faults of {len(self._faults)}\n")

    def _now(self) -> float:
        return round(time.monotonic() - self._began, 2)


async def run(
    report: Report,
    browser: Browser,
    folder: Path,
    *,
    faults: int,
    seed: int,
    pages: int = 4,
    travellers: int = 16,
    pace: float = 4.0,
) -> None:
    """Let so many faults strike, and say what has become of everything."""
    name = f"{faults} random faults (seed {seed})"
    began = time.monotonic()
    async with AsyncExitStack() as stack:
        crowd = await Crowd.gathers(
            stack, folder, browser, pages=pages, travellers=travellers, patience=PATIENCE, seed=seed
        )
        plan = Run(crowd, drawn(faults, seed, list(crowd.tabs), list(NAMES)))
        async with crowd.talking(seed, pace):
            await plan.goes()
        verdict = await judged(crowd)
        recoveries = plan.recoveries
        verdict.add_to(report, name)
        recoveries.add_to(report, name)
        report.tell(
            name,
            f"{crowd} sent {verdict.sent} messages in {time.monotonic() - began:.0f} s;"
            f" {verdict.refused} were refused as answers to deleted ones.\n\n"
            f"{_numbers(recoveries.log)}\n\n{recoveries.table()}",
        )
        if wrong := verdict.wrong | recoveries.wrong:
            keep(f"random-faults-{seed}", crowd, wrong, recoveries.log)


def _numbers(log: list[dict[str, Any]]) -> str:
    counts = {kind: sum(each["kind"] == kind for each in log) for kind in KINDS}
    return "Faults: " + ", ".join(f"{count} {kind}" for kind, count in counts.items()) + "."
