"""Two people in a real Chromium: from the click in one page to the message in the other's DOM."""

import asyncio
from dataclasses import dataclass
from typing import Any

from playwright.async_api import Browser, Page, async_playwright

from bench import messages
from bench.people import COOKIE, Person
from bench.site import Trip
from bench.tripchat import TripChat
from tests import chromium

PAUSE = 0.05  # seconds between two messages
PATIENCE = 15_000  # milliseconds

# Both give milliseconds since the epoch on the clock that all pages of one browser share.
NOTE_CLICKS = """() => {
  addEventListener("click", (event) => {
    if (event.target.closest("[data-testid=composer-send]"))
      window.benchClickedAt = performance.timeOrigin + event.timeStamp;
  }, true);
}"""
WHEN_SHOWN = """(mark) => new Promise((resolve) => {
  const observer = new MutationObserver(() => {
    for (const message of document.querySelectorAll("[data-testid=message]"))
      if (message.textContent.includes(mark)) {
        observer.disconnect();
        resolve(performance.timeOrigin + performance.now());
        return;
      }
  });
  observer.observe(document.body, { childList: true, subtree: true, characterData: true });
})"""


class NoBrowser(Exception):
    """There is no Chromium on this machine."""


@dataclass(frozen=True)
class Clicks:
    """Milliseconds from click to DOM, and from asking for the page to its messages being there."""

    delays: list[float]
    page_open: list[float]


async def clicks(tripchat: TripChat, trip: Trip, samples: int) -> Clicks:
    """One person writes `samples` messages with the composer, another one watches them come.

    Raises:
        NoBrowser: no Chromium is installed.
    """
    executable = chromium.find()
    if executable is None:
        raise NoBrowser("no Chromium found; `make test` installs one")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=executable, args=chromium.ARGUMENTS
        )
        try:
            page_open: list[float] = []
            writer = await _page(browser, tripchat, trip, tripchat.people[0], page_open)
            reader = await _page(browser, tripchat, trip, tripchat.people[1], page_open)
            await writer.evaluate(NOTE_CLICKS)
            delays = [await _click(writer, reader) for _ in range(samples + 3)]
            return Clicks(delays[3:], page_open)  # the first few warm both pages up
        finally:
            await browser.close()


async def _page(
    browser: Browser, tripchat: TripChat, trip: Trip, person: Person, page_open: list[float]
) -> Page:
    address = f"http://127.0.0.1:{tripchat.server.port}"
    context = await browser.new_context()
    cookie: Any = {"name": COOKIE, "value": person.token, "url": address}
    await context.add_cookies([cookie])
    page = await context.new_page()
    page.set_default_timeout(PATIENCE)
    began = asyncio.get_running_loop().time()
    await page.goto(f"{address}/trip/{trip.trip_id}")
    await page.wait_for_selector("[data-testid=app][data-hydrated=true]")
    await page.wait_for_selector("[data-testid=message]")
    page_open.append(1000 * (asyncio.get_running_loop().time() - began))
    return page


async def _click(writer: Page, reader: Page) -> float:
    number = messages.next_number()
    await writer.get_by_test_id("composer-input").fill(messages.text(number))
    shown = asyncio.create_task(reader.evaluate(WHEN_SHOWN, messages.mark(number)))
    await asyncio.sleep(PAUSE)
    try:
        async with asyncio.timeout(PATIENCE / 1000):
            await writer.get_by_test_id("composer-send").click()
            arrived = await shown
    finally:
        shown.cancel()
    return arrived - await writer.evaluate("window.benchClickedAt")
