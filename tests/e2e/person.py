"""Somebody at their browser. What they do and see reads like a sentence; all of it waits."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Protocol

from playwright.async_api import BrowserContext, ConsoleMessage, Locator, Page, expect

from tests.conftest import PATIENCE_MS
from tests.e2e.watch import POLICY
from tests.kit.people import Account

COMPLAINTS = {"error", "assert"}


class Tab:
    """One tab with TripChat in it."""

    def __init__(self, page: Page, url: str, account: Account | None) -> None:
        self.page = page
        self.url = url
        self._account = account
        self.console: list[str] = []
        self._complaints: list[str] = []
        self._allowed: list[str] = []
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self._complaints.append(f"page error: {error}"))

    def _hear(self, line: ConsoleMessage) -> None:
        self.console.append(f"{line.type}: {line.text}")
        if line.type in COMPLAINTS:
            self._complaints.append(f"console: {line.text}")

    # What the page is made of.

    @property
    def account(self) -> Account:
        """The same person as a program; only for those who were signed in at the start."""
        assert self._account is not None, "a visitor has no account"
        return self._account

    @property
    def has_account(self) -> bool:
        """Whether they were signed in at the start."""
        return self._account is not None

    def part(self, test_id: str) -> Locator:
        """The element with this test id."""
        return self.page.get_by_test_id(test_id)

    @property
    def app(self) -> Locator:
        """The page's outermost element, which says how the connection is."""
        return self.part("app")

    @property
    def room(self) -> Locator:
        """The open channel."""
        return self.part("room")

    @property
    def timeline(self) -> Locator:
        """The scrolling list."""
        return self.part("timeline")

    @property
    def composer(self) -> Locator:
        """The text field one writes in."""
        return self.part("composer-input")

    @property
    def messages(self) -> Locator:
        """All messages on the page, oldest first."""
        return self.part("message")

    def message(self, text: str) -> Locator:
        """The message that contains this text."""
        return self.messages.filter(has_text=text)

    def at(self, seq: int) -> Locator:
        """The message with this number."""
        return self.page.locator(f'[data-testid=message][data-seq="{seq}"]')

    def card(self, trip_id: str) -> Locator:
        """A trip in the list of mine."""
        return self.page.locator(f'[data-testid=trip-card][data-trip-id="{trip_id}"]')

    def member(self, user_id: str) -> Locator:
        """Somebody in the list of members."""
        return self.page.locator(f'[data-testid=member][data-user-id="{user_id}"]')

    @property
    def typing(self) -> Locator:
        """The line that says who types."""
        return self.part("typing")

    def reactions(self, seq: int) -> Locator:
        """All emoji under a message, the first to come first."""
        return self.at(seq).get_by_test_id("reaction")

    def reaction(self, seq: int, emoji: str) -> Locator:
        """An emoji under a message."""
        return self.at(seq).locator(f'[data-testid=reaction][data-emoji="{emoji}"]')

    @property
    def refusal(self) -> Locator:
        """What a form says that was refused."""
        return self.part("form-error").filter(has_text=re.compile(r"\S"))

    # What they do.

    async def visits(self, path: str) -> None:
        """Load a page of the site and wait until it is live."""
        await self.page.goto(self.url + path)
        await self.is_live()

    async def opens(self, trip_id: str, at: int | None = None) -> None:
        """Load a trip's channel, at its end or at a message."""
        await self.visits(f"/trip/{trip_id}" + (f"?at={at}" if at else ""))
        await self.is_in(trip_id)

    async def goes_to(self, trip_id: str) -> None:
        """Follow the link to a trip in the list of mine."""
        await self.card(trip_id).click()
        await self.is_in(trip_id)
        await self.is_live()

    async def reloads(self) -> None:
        """Load the same page once more."""
        await self.page.reload()
        await self.is_live()

    async def fills(self, **fields: str) -> None:
        """Write into the fields with these test ids (`sign_in_email` is `sign-in-email`)."""
        for name, text in fields.items():
            await self.part(name.replace("_", "-")).fill(text)

    async def writes(self, text: str) -> None:
        """Put a text into the composer without sending it."""
        await self.composer.fill(text)

    async def sends(self, text: str) -> None:
        """Write a message and press Enter."""
        await self.writes(text)
        await self.composer.press("Enter")

    # What they see.

    async def is_live(self) -> None:
        """The page is connected and has its state."""
        await expect(self.app).to_have_attribute("data-hydrated", "true")
        await expect(self.app).to_have_attribute("data-connection-state", "connected")

    async def is_cut_off(self) -> None:
        """The page knows that it is not connected."""
        await expect(self.app).to_have_attribute("data-connection-state", "disconnected")
        await expect(self.app).to_have_attribute("data-hydrated", "false")

    async def is_in(self, trip_id: str) -> None:
        """The channel of this trip is open."""
        await expect(self.room).to_have_attribute("data-trip-id", trip_id)

    async def sees(self, text: str) -> None:
        """There is exactly one message with this text, and it is stored."""
        await expect(self.message(text)).to_have_count(1)
        await expect(self.message(text)).to_have_attribute("data-state", "sent")

    async def has_seen(self, seq: int) -> None:
        """The channel is shown up to this message."""
        await expect(self.room).to_have_attribute("data-last-seq", str(seq))

    async def is_told(self, words: str | re.Pattern[str]) -> None:
        """A form says why it was refused."""
        await expect(self.refusal).to_have_count(1)
        await expect(self.refusal).to_contain_text(words)

    async def attributes(self, name: str) -> list[str]:
        """One `data-` attribute of every message on the page, in order."""
        script = f'rows => rows.map(row => row.getAttribute("data-{name}"))'
        return await self.messages.evaluate_all(script)

    async def until(self, expression: str) -> None:
        """Wait until this is so in the page, as long as the same page is there.

        Playwright's `wait_for_function` evaluates its text time and again, which the page's
        Content-Security-Policy forbids.
        """
        pause = "new Promise((resolve) => setTimeout(resolve, 50))"
        async with asyncio.timeout(PATIENCE_MS / 1000):
            await self.page.evaluate(
                f"async () => {{ while (!(await ({expression}))) await {pause} }}"
            )

    async def watches(self, script: str) -> None:
        """Run a script in every page that this tab loads from now on, and in this one."""
        await self.page.add_init_script(script)
        await self.page.evaluate(script)

    # What the test keeps an eye on.

    def may_hear(self, pattern: str) -> None:
        """Expect complaints in the console that match this, such as a refused call's status."""
        self._allowed.append(pattern)

    @property
    def complaints(self) -> list[str]:
        """Errors of the page and in its console that no test asked for.

        Nothing that the page's policy stood in the way of can be asked for.
        """
        return [
            complaint
            for complaint in self._complaints
            if POLICY in complaint
            or not any(re.search(allowed, complaint) for allowed in self._allowed)
        ]

    async def is_recorded(self, file: Path) -> None:
        """Keep how the page looks, its document and what its console said."""
        file.parent.mkdir(parents=True, exist_ok=True)
        file.with_suffix(".log").write_text("\n".join([*self.console, "", *self._complaints]))
        if not self.page.is_closed():
            file.with_suffix(".html").write_text(await self.page.content())
            await self.page.screenshot(path=file.with_suffix(".png"), timeout=5000)


class Person(Tab):
    """Somebody with a browser of their own: what they do happens in its first tab."""

    def __init__(
        self, name: str, context: BrowserContext, page: Page, url: str, account: Account | None
    ) -> None:
        super().__init__(page, url, account)
        self.name = name
        self.context = context
        self.tabs: list[Tab] = [self]

    async def another_tab(self, page: Page | None = None) -> Tab:
        """A second tab of the same browser, with the same cookies; new unless given."""
        tab = Tab(page or await self.context.new_page(), self.url, self._account)
        self.tabs.append(tab)
        return tab


class NewPerson(Protocol):
    """Brings somebody who is signed in; options are those of a browser context."""

    def __call__(self, name: str, **options: Any) -> Awaitable[Person]: ...


NewVisitor = Callable[..., Awaitable[Person]]


class NewDevice(Protocol):
    """Brings another device of somebody; options are those of a browser context."""

    def __call__(self, owner: Person, **options: Any) -> Awaitable[Person]: ...


async def together(person: NewPerson, *names: str) -> tuple[str, list[Person]]:
    """People in one trip, each with its channel open."""
    people = [await person(name) for name in names]
    return await all_in_one_trip(people), people


async def all_in_one_trip(people: list[Person]) -> str:
    """A new trip of the first one, with its channel open in front of everybody."""
    first, *others = people
    trip = await first.account.makes_trip("Lisbon", *(other.account for other in others))
    await asyncio.gather(*(each.opens(trip) for each in people))
    return trip
