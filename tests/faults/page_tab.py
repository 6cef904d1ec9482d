"""A tab in a real browser, driven by the test ids alone."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

from playwright.async_api import BrowserContext, Page
from playwright.async_api import Error as BrowserError

from tests.faults.waiting import until
from tests.kit.people import Account
from tests.kit.proxy import Proxy

SCRIPT = (Path(__file__).parent / "in_page.js").read_text()
COMPARED = 60
"""So many of the newest messages a tab that has just been opened certainly shows."""


class PageTab:
    """One page; what it shows is watched at every moment, and told at once."""

    def __init__(
        self, name: str, account: Account, proxy: Proxy, trip_id: str, context: BrowserContext
    ) -> None:
        self.name = name
        self.account = account
        self.proxy = proxy
        self.trip_id = trip_id
        self.written: list[str] = []
        """The client ids of all that the page has taken to send, in this order."""
        self.doubtful: set[str] = set()
        """Texts of which it is not known whether the page has taken them."""
        self.refused: dict[str, str] = {}
        self.violations: list[str] = []
        self.console: list[str] = []
        self.loads = 0
        self.last_seq = 0
        self.pending = 0
        self.connection = ""
        self.transport = ""
        self._hydrated = False
        self._context = context
        self._page: Page | None = None

    @property
    def connected(self) -> bool:
        """Whether it can be used and says that it is connected, in whatever way."""
        return self._hydrated and self.connection in ("connected", "fallback")

    @property
    def settled(self) -> bool:
        """Whether there is nothing left to send."""
        return self.connected and not self.pending

    async def opens(self) -> None:
        """Load the trip's channel through the proxy."""
        self._page = page = await self._context.new_page()
        page.on("console", lambda line: self.console.append(f"{line.type}: {line.text}"))
        page.on("pageerror", lambda error: self.violations.append(f"page error: {error}"))
        page.on("domcontentloaded", self._loaded)
        await page.expose_function("faultsTell", self._told)
        await page.add_init_script(SCRIPT)
        await page.goto(f"{self.proxy.url}/trip/{self.trip_id}")
        await until(lambda: self.connected, 30, f"{self.name} has not opened")

    async def closes(self) -> None:
        """Close the page."""
        if self._page is not None:
            await self._page.close()

    def _loaded(self, _page: Page) -> None:
        self.loads += 1

    def _told(self, what: dict[str, Any]) -> None:
        if "violation" in what:
            self.violations.append(what["violation"])
        elif "refused" in what:
            self.refused[what["refused"]] = "failed"
        else:
            self.connection = what["connection"]
            self.transport = what["transport"]
            self.last_seq = what["last_seq"]
            self.pending = what["pending"]
            self._hydrated = what["hydrated"]

    async def _does(self, what: str, *arguments: Any) -> Any:
        assert self._page is not None
        return await self._page.evaluate(
            f"given => window.faults.{what}(...given)", list(arguments)
        )

    async def writes(self, text: str, reply: int | None = None) -> None:
        """Write into the composer and send; `reply` chooses what it answers."""
        client_id = None
        with suppress(BrowserError):
            client_id = await self._does("write", text, reply)
        if client_id is None:
            self.doubtful.add(text)
        else:
            self.written.append(client_id)

    async def edits(self, number: int, text: str) -> None:
        """Change a message of its own person, if there is one."""
        with suppress(BrowserError):
            await self._does("edit", number, text)

    async def deletes(self, number: int) -> None:
        """Delete a message of its own person, if there is one."""
        with suppress(BrowserError):
            await self._does("delete", number)

    async def reacts(self, number: int) -> None:
        """Put a reaction that is there under mine as well, or take mine away."""
        with suppress(BrowserError):
            await self._does("react", number)

    async def shown(self) -> list[dict[str, Any]]:
        """The newest messages as a person sees them."""
        return await self._does("shown", COMPARED)

    async def fresh(self, url: str) -> PageTab:
        """The same person's tab that has just been opened, at the server itself."""
        there = PageTab(f"{self.name} afresh", self.account, _At(url), self.trip_id, self._context)
        await there.opens()
        return there


class _At(Proxy):
    """The server itself, in the place of a way to it."""

    def __init__(self, url: str) -> None:
        super().__init__(0)
        self.port = int(url.rpartition(":")[2])
