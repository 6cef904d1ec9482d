"""Whatever happens to connections: nothing is lost, doubled or disordered, and all see the same."""

from pathlib import Path

from playwright.async_api import Browser

from tests.faults import kills, offline, random_faults
from tests.faults.report import Report

SEED = 1


async def test_after_faults_of_every_kind(browser: Browser, tmp_path: Path) -> None:
    report = Report()
    few = {"pages": 2, "travellers": 6, "pace": 2.0}
    await random_faults.run(report, browser, tmp_path, faults=25, seed=SEED, **few)
    assert report.failures == []


async def test_after_the_server_was_killed(browser: Browser, tmp_path: Path) -> None:
    report = Report()
    few = {"pages": 2, "travellers": 6, "pace": 1.0}
    await kills.run(report, browser, tmp_path, kills=2, seed=SEED, **few)
    assert report.failures == []


async def test_after_the_browser_was_closed_with_messages_unsent(
    browser: Browser, tmp_path: Path
) -> None:
    report = Report()
    await offline.run(report, browser, tmp_path)
    assert report.failures == []
