"""Somebody writes while offline, closes the browser, and opens it again at home."""

from __future__ import annotations

import time
from contextlib import AsyncExitStack
from pathlib import Path

from playwright.async_api import Browser, BrowserContext

from tests import chromium
from tests.faults.page_tab import PageTab
from tests.faults.report import Report
from tests.faults.waiting import until
from tests.kit.people import COOKIE, Account
from tests.kit.proxy import Proxy
from tests.kit.server import Server

MESSAGES = 50
ARRIVES_SECONDS = 60
SESSION_SECONDS = 86_400


async def run(report: Report, browser: Browser, folder: Path) -> None:
    """Write 50 messages without a network, and see them arrive from the next browser."""
    name = f"{MESSAGES} messages written offline, browser closed and reopened"
    async with AsyncExitStack() as stack:
        server = Server(folder)
        await server.start()
        stack.push_async_callback(server.stop)
        way = await stack.enter_async_context(Proxy(server.port))
        ana = await Account.sign_up(server.url, "Ana")
        stack.push_async_callback(ana.close)
        trip_id = await ana.makes_trip("Lisbon")
        await ana.writes(trip_id, "Welcome")

        texts = [f"Offline {number}." for number in range(1, MESSAGES + 1)]
        context = await _opened(browser, folder / "profile", ana, way)
        page = PageTab("Ana", ana, way, trip_id, context)
        await page.opens()
        await context.set_offline(True)
        way.refuse()
        way.reset()
        for text in texts:
            await page.writes(text)
        waiting = page.pending
        await context.close()

        way.mend()
        context = await _opened(browser, folder / "profile", ana, way)
        stack.push_async_callback(context.close)
        began = time.monotonic()
        page = PageTab("Ana again", ana, way, trip_id, context)
        await page.opens()
        problem = ""
        try:
            arrived = lambda: page.settled and page.last_seq > MESSAGES  # noqa: E731
            await until(arrived, ARRIVES_SECONDS, "not all have arrived")
        except TimeoutError as late:
            problem = str(late)
        taken = time.monotonic() - began
        stored = [m["text"] for m in await ana.reads_all(trip_id)][1:]
        shown = [row["clientId"] for row in await page.shown()][1:]
        report.add(
            f"{name}: waiting while offline", str(MESSAGES), str(waiting), waiting == MESSAGES
        )
        report.add(
            f"{name}: stored, each once and in order",
            str(MESSAGES),
            f"{len(stored)} {problem}".strip(),
            stored == texts,
        )
        report.add(
            f"{name}: shown, each once",
            str(MESSAGES),
            str(len(shown)),
            len(set(shown)) == len(shown) == MESSAGES and not page.violations,
        )
        report.add(
            f"{name}: time from opening to the last one's arrival", "stated", f"{taken:.1f} s", True
        )


async def _opened(browser: Browser, profile: Path, owner: Account, way: Proxy) -> BrowserContext:
    """A browser that keeps what it knows in a folder, as everybody's does."""
    context = await browser.browser_type.launch_persistent_context(
        profile, executable_path=chromium.find(), args=chromium.ARGUMENTS
    )
    # Signed in for days, as the site does it; a cookie without an end would go with the browser.
    ends = time.time() + SESSION_SECONDS
    await context.add_cookies(
        [{"name": COOKIE, "value": owner.token, "url": way.url, "expires": ends}]
    )
    return context
