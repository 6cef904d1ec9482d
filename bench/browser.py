"""Two people in a real Chromium: from what one does to the other's DOM."""

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
MOMENTS = 10  # of each kind besides clicks
PATIENCE = 15_000  # milliseconds

# Both give milliseconds since the epoch on the clock that all pages of one browser share.
NOTE_INPUT = """() => {
  addEventListener("click", (event) => {
    if (event.target.closest("[data-testid=composer-send]"))
      window.benchClickedAt = performance.timeOrigin + event.timeStamp;
  }, true);
  addEventListener("keydown", (event) => {
    window.benchKeyAt = performance.timeOrigin + event.timeStamp;
  }, true);
}"""
NOW = "performance.timeOrigin + performance.now()"
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

WHEN_THERE = """(selector) => new Promise((resolve) => {
  const look = () => {
    if (!document.querySelector(selector)) return false;
    resolve(performance.timeOrigin + performance.now());
    return true;
  };
  if (look()) return;
  const observer = new MutationObserver(() => look() && observer.disconnect());
  observer.observe(document.body, { childList: true, subtree: true, attributes: true });
})"""


class NoBrowser(Exception):
    """There is no Chromium on this machine."""


@dataclass(frozen=True)
class Clicks:
    """Milliseconds from what one person does to the other's DOM."""

    delays: list[float]
    """From the click that sends a message."""
    page_open: list[float]
    """From asking for the page to its messages being there."""
    typing: list[float]
    """From the first key."""
    came: list[float]
    """From asking for the page to being shown as online."""
    went: list[float]
    """From closing the only tab to being shown as away."""


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
            await writer.evaluate(NOTE_INPUT)
            delays = [await _click(writer, reader) for _ in range(samples + 3)]
            someone = tripchat.people[0].user_id
            typing = [await _type(writer, reader, someone) for _ in range(MOMENTS)]
            came: list[float] = []
            went = [await _leave(writer, reader, someone)]
            for _ in range(MOMENTS):
                began = await reader.evaluate(NOW)
                writer = await _page(browser, tripchat, trip, tripchat.people[0], [])
                came.append(await reader.evaluate(WHEN_THERE, _member(someone, "true")) - began)
                went.append(await _leave(writer, reader, someone))
            # The first few warm both pages up.
            return Clicks(delays[3:], page_open, typing, came, went)
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


async def _type(writer: Page, reader: Page, user_id: str) -> float:
    nobody, somebody = '[data-user-ids=""]', f'[data-user-ids="{user_id}"]'
    await reader.wait_for_selector(f"[data-testid=typing]{nobody}", state="attached")
    shown = asyncio.create_task(reader.evaluate(WHEN_THERE, f"[data-testid=typing]{somebody}"))
    await asyncio.sleep(PAUSE)
    await writer.get_by_test_id("composer-input").press("H")
    began = await writer.evaluate("window.benchKeyAt")
    arrived = await shown
    await writer.get_by_test_id("composer-send").click()
    return arrived - began


async def _leave(writer: Page, reader: Page, user_id: str) -> float:
    await reader.wait_for_selector(_member(user_id, "true"), state="attached")
    began = await reader.evaluate(NOW)
    await writer.close()
    return await reader.evaluate(WHEN_THERE, _member(user_id, "false")) - began


def _member(user_id: str, online: str) -> str:
    return f'[data-testid=member][data-user-id="{user_id}"][data-online={online}]'
