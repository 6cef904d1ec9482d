"""The server is killed in the middle of what it is told, again and again."""

from __future__ import annotations

import asyncio
import time
from contextlib import AsyncExitStack
from pathlib import Path
from random import Random

from playwright.async_api import Browser

from tests.faults.crowd import Crowd
from tests.faults.evidence import keep
from tests.faults.random_faults import PATIENCE
from tests.faults.recoveries import Recoveries
from tests.faults.report import Report
from tests.faults.verdict import judged
from tests.kit.server import Server

AT_ONCE = 5
"""Messages of each tab without a browser that are on their way when the server dies."""
WITHIN_SECONDS = 0.15
"""It dies at most so long after they were sent."""


async def run(
    report: Report,
    browser: Browser,
    folder: Path,
    *,
    kills: int,
    seed: int,
    pages: int = 4,
    travellers: int = 16,
    pace: float = 2.0,
) -> None:
    """Kill the server so many times, and say what has become of everything."""
    name = f"server killed {kills} times (seed {seed})"
    random = Random(seed)  # noqa: S311
    recoveries = Recoveries()
    async with AsyncExitStack() as stack:
        crowd = await Crowd.gathers(
            stack, folder, browser, pages=pages, travellers=travellers, patience=PATIENCE, seed=seed
        )
        server = crowd.server
        assert isinstance(server, Server)
        began = time.monotonic()
        async with crowd.talking(seed, pace):
            for number in range(1, kills + 1):
                await asyncio.sleep(random.uniform(0.5, 2.0))
                for tab in crowd.travellers:
                    for each in range(AT_ONCE):
                        await tab.writes(f"{tab.name} before kill {number}, {each}.")
                await asyncio.sleep(random.uniform(0, WITHIN_SECONDS))
                noted = {"number": number, "at": round(time.monotonic() - began, 2)}
                recoveries.log.append(noted)
                await server.kill()
                await server.start()
                up = time.monotonic()
                wanted = await crowd.probes()
                noted["recovered"] = await recoveries.of(
                    crowd.tabs.values(), wanted, up, "server killed"
                )
        verdict = await judged(crowd)
        verdict.add_to(report, name)
        recoveries.add_to(report, name)
        report.tell(name, f"{crowd} sent {verdict.sent} messages.\n\n{recoveries.table()}")
        if wrong := verdict.wrong | recoveries.wrong:
            keep(f"kills-{seed}", crowd, wrong, recoveries.log)
