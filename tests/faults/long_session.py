"""A page that stays open while a lively group writes: what it holds must stay bounded.

`python -m tests.faults --only long_session --minutes 6`; with `--hours 3`, three hours of traffic
come in that time instead of one.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import linear_regression

import psutil
from playwright.async_api import Browser, expect

from tests.faults.lively_group import PEOPLE, WRITING, Doing, LivelyGroup, an_hour
from tests.faults.page_memory import Held, PageMemory
from tests.faults.report import Report
from tests.kit.people import COOKIE, Account
from tests.kit.proxy import Proxy
from tests.kit.server import Server
from tripchat.realtime.room import RING, WINDOW

WARM_UP = 1700
"""Messages before the hour begins: more than a page ever keeps."""
LOOK_EVERY = 100
"""Messages between two looks at what the page holds."""
SHOWN_AT_MOST = 401
BREAK_SECONDS = 3.0
"""How long the page has no connection; at ten times real speed, ten messages come meanwhile."""
PATIENCE_MS = 30_000

NOISE = {"heap": 1_000_000, "nodes": 1000, "loose": 500, "listeners": 300}
"""What 1,000 messages may seem to add: two looks at the same page differ by as much. A row has 50
nodes, 5 listeners and 25 kB."""
MOST_VARS = WINDOW + RING + 3 * PEOPLE + 10
"""Vars of the room in the page: a place for each of the newest messages and changes, three for each
person, and some more. They fill up in the course of the hour, and no further."""


class OpenPage:
    """Somebody's page with a trip open, on a line that can fail; what it holds is looked at."""

    def __init__(self, memory: PageMemory, proxy: Proxy) -> None:
        self.memory = memory
        self.errors: list[str] = []
        self._page = memory.page
        self._page.on("pageerror", lambda error: self.errors.append(str(error)))
        self._proxy = proxy
        self._written = 0

    @classmethod
    @asynccontextmanager
    async def of(
        cls, person: Account, trip_id: str, browser: Browser, server: Server
    ) -> AsyncIterator[OpenPage]:
        """The page, once it can be used."""
        context = await browser.new_context(viewport={"width": 1280, "height": 800})
        async with Proxy(server.port) as proxy:
            await context.add_cookies([{"name": COOKIE, "value": person.token, "url": proxy.url}])
            page = await context.new_page()
            opened = cls(await PageMemory.of(page), proxy)
            await page.goto(f"{proxy.url}/trip/{trip_id}")
            app = page.get_by_test_id("app")
            await expect(app).to_have_attribute("data-hydrated", "true", timeout=PATIENCE_MS)
            yield opened
            await context.close()

    async def writes(self) -> None:
        """Its person writes a message and sends it."""
        self._written += 1
        composer = self._page.get_by_test_id("composer-input")
        await composer.press_sequentially("I say")
        await composer.fill(f"I say this in the page, for the {self._written}. time")
        await composer.press("Enter")

    async def reacts(self) -> None:
        """Its person clicks on the newest reaction."""
        # Not with the mouse: what one points at moves on with every message.
        newest = "[...document.querySelectorAll('[data-testid=reaction]')].at(-1)"
        await self._page.evaluate(f"{newest}?.click()")

    async def loses_the_connection(self) -> None:
        """For a while there is none."""
        self._proxy.refuse()
        self._proxy.reset()
        await asyncio.sleep(BREAK_SECONDS)
        self._proxy.mend()

    async def has_sent_all(self) -> None:
        """Wait until nothing of its own is on its way."""
        sending = self._page.locator("[data-testid=message][data-state=sending]")
        await expect(sending).to_have_count(0, timeout=PATIENCE_MS)

    async def has_seen(self, seq: int) -> None:
        """Wait until message `seq` is the newest that it shows."""
        room = self._page.get_by_test_id("room")
        await expect(room).to_have_attribute("data-last-seq", str(seq), timeout=PATIENCE_MS)


@dataclass
class LongSession:
    """The life of a page, and how it looked from time to time."""

    server: Server
    group: LivelyGroup
    page: OpenPage
    held: list[Held] = field(default_factory=list)
    server_bytes: list[int] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    _began: float = field(default_factory=time.monotonic)

    async def lives_through(self, doings: Iterable[Doing], seconds: float = 0.0) -> None:
        """Let all this happen in so many seconds, or as fast as it can; look all the time."""
        began, written = time.monotonic(), 0
        breaks: list[asyncio.Task[None]] = []
        for doing in doings:
            await asyncio.sleep(max(0.0, began + doing.at * seconds - time.monotonic()))
            if doing.what == "writes in the page":
                await self.page.writes()
            elif doing.what == "reacts in the page":
                await self.page.reacts()
            elif doing.what == "loses the connection":
                breaks.append(asyncio.create_task(self.page.loses_the_connection()))
            else:
                await self.group.does(doing.what)
            written += doing.what in WRITING
            if doing.what in WRITING and written % LOOK_EVERY == 0:
                await self.looks()
        await asyncio.gather(*breaks)

    async def looks(self) -> None:
        """Note what the page holds, once it shows all there is, and the server's memory."""
        await self.page.has_sent_all()
        await self.page.has_seen(await self.group.newest())
        self.held.append(await self.page.memory.held())
        self.server_bytes.append(psutil.Process(self.server.pid).memory_info().rss)
        self.seconds.append(time.monotonic() - self._began)

    def growth(self, name: str) -> float:
        """What 1,000 messages add to a figure, besides what the rows shown at the moment explain.

        From the middle to the end, each the least of four looks: rows are let go by the two
        hundred, and what is not collected yet is only ever too much.
        """
        rows = [held.rows for held in self.held]
        figures = [getattr(held, name) for held in self.held]
        of_a_row = linear_regression(rows, figures).slope if len(set(figures)) > 1 else 0.0
        rest = [figure - of_a_row * shown for figure, shown in zip(figures, rows, strict=True)]
        middle = len(rest) // 2
        messages = self.held[-1].last_seq - self.held[middle + 1].last_seq
        return (min(rest[-4:]) - min(rest[middle - 2 : middle + 2])) * 1000 / messages

    @property
    def table(self) -> str:
        """The figures over time."""
        lines = [
            "    s messages rows heap MB  nodes loose listeners vars vars kB storage kB server MB"
        ]
        for seconds, held, server in zip(self.seconds, self.held, self.server_bytes, strict=True):
            lines.append(
                f"{seconds:5.0f}{held.last_seq:9}{held.rows:5}{held.heap / 1e6:8.2f}{held.nodes:7}"
                f"{held.loose:6}{held.listeners:10}{held.vars:5}{held.vars_chars / 1e3:8.1f}"
                f"{held.storage_chars / 1e3:11.1f}{server / 1e6:10.1f}"
            )
        return "\n".join(lines)


@asynccontextmanager
async def long_session(browser: Browser, folder: Path) -> AsyncIterator[LongSession]:
    """A server, a group whose tabs are open, and the page of one of them."""
    server = Server(folder)
    await server.start()
    try:
        people = [await Account.sign_up(server.url, f"Person {each}") for each in range(PEOPLE)]
        trip_id = await people[0].makes_trip("Lisbon", *people[1:])
        async with (
            LivelyGroup.gathered(server, people[1:], trip_id) as group,
            OpenPage.of(people[0], trip_id, browser, server) as page,
        ):
            yield LongSession(server, group, page)
        for person in people:
            await person.close()
    finally:
        await server.stop()


async def run(
    report: Report, browser: Browser, folder: Path, minutes: float = 6.0, hours: float = 1.0
) -> None:
    """Have a page open for that many hours of traffic, which come in so many minutes."""
    async with long_session(browser, folder) as session:
        await session.group.writes_much(WARM_UP)
        await session.looks()
        await session.lives_through(an_hour(hours), minutes * 60)
    _tell(report, session, f"{hours:g} h of traffic in {minutes:g} min")


def _tell(report: Report, session: LongSession, traffic: str) -> None:
    growth = {name: session.growth(name) for name in NOISE}
    most_vars = max(held.vars for held in session.held)
    most_rows = max(held.rows for held in session.held)
    told = ", ".join(f"{name} {figure:+,.0f}" for name, figure in growth.items())
    bounded = all(growth[name] <= most for name, most in NOISE.items())
    report.add(
        f"A page open for {traffic}",
        f"no growth but noise, at most {SHOWN_AT_MOST} rows and {MOST_VARS} vars; no errors",
        f"per 1,000 messages: {told}; at most {most_rows} rows, {most_vars} vars;"
        f" {len(session.page.errors)} errors",
        bounded
        and most_rows <= SHOWN_AT_MOST
        and most_vars <= MOST_VARS
        and not session.page.errors,
    )
    report.tell(
        f"What the page holds: {traffic}, after {WARM_UP:,} messages before",
        "\n".join([session.table, *session.page.errors[:10]]),
    )
