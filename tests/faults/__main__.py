"""`make faults`: connections fail in every way, and it is measured what becomes of everything."""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

from playwright.async_api import Browser, async_playwright

from tests import chromium
from tests.faults import cluster, kills, long_session, offline, random_faults, restart, visits
from tests.faults.report import FILE, Report
from tests.kit.backing import a_folder

Scenario = Callable[[Report, Browser, Path, argparse.Namespace], Awaitable[None]]

ON_DEMAND: dict[str, Scenario] = {
    "cluster": lambda report, _, folder, given: cluster.run(
        report, folder, seed=given.seed, seconds=given.seconds
    ),
}
"""What is only run when it is named."""

SCENARIOS: dict[str, Scenario] = {
    "random_faults": lambda report, browser, folder, given: random_faults.run(
        report, browser, folder, faults=given.faults, seed=given.seed
    ),
    "kills": lambda report, browser, folder, given: kills.run(
        report, browser, folder, kills=given.kills, seed=given.seed
    ),
    "offline": lambda report, browser, folder, _: offline.run(report, browser, folder),
    "restart": lambda report, _, folder, given: restart.run(report, folder, given.tabs),
    "visits": lambda report, _, folder, given: visits.run(report, folder),
    "long_session": lambda report, browser, folder, given: long_session.run(
        report, browser, folder, given.minutes, given.hours
    ),
}


async def run(given: argparse.Namespace) -> Report:
    """Run the scenarios, one after the other."""
    report = Report()
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=chromium.find() or chromium.install(), args=chromium.ARGUMENTS
        )
        for name in given.only or SCENARIOS:
            with a_folder() as folder:
                await (SCENARIOS | ON_DEMAND)[name](report, browser, folder, given)
            report.write()
            sys.stdout.write(f"{name} done\n")
            sys.stdout.flush()
        await browser.close()
    return report


def main() -> int:
    """Run what is asked for; gives the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--faults", type=int, default=1000, help="how many random faults")
    parser.add_argument("--kills", type=int, default=20, help="how often the server is killed")
    parser.add_argument("--tabs", type=int, default=restart.TABS, help="how many see a restart")
    parser.add_argument("--minutes", type=float, default=6.0, help="of the long session")
    parser.add_argument("--hours", type=float, default=1.0, help="of traffic in these minutes")
    parser.add_argument("--seconds", type=float, default=cluster.SECONDS, help="of the cluster")
    parser.add_argument("--seed", type=int, default=random.randrange(10_000))  # noqa: S311
    parser.add_argument("--only", action="append", choices=[*SCENARIOS, *ON_DEMAND], metavar="NAME")
    given = parser.parse_args()
    sys.stdout.write(f"seed {given.seed}\n")
    sys.stdout.flush()
    report = asyncio.run(run(given))
    sys.stdout.write(f"{report}\nkept in {FILE}\n")
    return 0 if report.ok else 1


if __name__ == "__main__":
    sys.exit(main())
