"""Some people in two trips, each with any number of tabs, who do all that one can do there."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from tests.kit.people import Account
from tests.kit.server import Server
from tests.kit.tab import Tab, tab_of

EMOJIS = ("🎉", "👍", "❤️")
MANY = 35
"""Messages at once: twice this is more than a room holds."""


class Company:
    """What they do may be refused, as when two of them delete the same message; nothing breaks."""

    def __init__(self, servers: Sequence[Server], people: list[Account]) -> None:
        """Their tabs are spread over the `servers`, which serve the same site."""
        self.servers = servers
        self.people = people
        self.trips: list[str] = []
        self.tabs: list[list[Tab]] = [[] for _ in people]
        self._codes: list[str] = []
        self._authors: list[list[int]] = [[], []]
        """Who wrote the messages of each trip, more or less in their order."""
        self._names = 0
        self._opened = 0

    @property
    def every(self) -> list[Tab]:
        """The tabs of all."""
        return [tab for tabs in self.tabs for tab in tabs]

    @property
    def pages(self) -> list[str]:
        """Where a tab can be."""
        return ["/", *(f"/trip/{trip_id}" for trip_id in self.trips)]

    async def gather(self) -> None:
        """Make the trips; everybody joins both and looks at something."""
        first, *others = self.people
        for title in ("Lisbon", "Oslo"):
            trip_id = await first.makes_trip(title)
            self.trips.append(trip_id)
            self._codes.append(await first.invites_to(trip_id))
            for other in others:
                await other.joins(self._codes[-1])
        for who in range(len(self.people)):
            await self.opens(who, self.pages[who % 3])

    async def part(self) -> None:
        """Close all tabs."""
        for tab in self.every:
            await tab.close()

    async def opens(self, who: int, page: str) -> Tab:
        """Open a tab."""
        server = self.servers[self._opened % len(self.servers)]
        self._opened += 1
        tab = await tab_of(server, self.people[who], page).open()
        self.tabs[who].append(tab)
        return tab

    async def does(self, action: str, who: int, where: int, number: int) -> None:
        """One person does something in one of the trips; `number` says with what, and how."""
        doings: dict[str, Callable[[int, int, int], Awaitable[None]]] = {
            "writes": self._writes,
            "writes a lot": self._writes_a_lot,
            "replies": self._replies,
            "mentions": self._mentions,
            "edits": self._edits,
            "deletes": self._deletes,
            "reacts": self._reacts,
            "unreacts": self._unreacts,
            "reads": self._reads,
            "types": self._types,
            "leaves": self._leaves,
            "joins": self._joins,
            "takes another name": self._takes_another_name,
            "renames the trip": self._renames_the_trip,
            "opens a tab": self._opens_a_tab,
            "closes a tab": self._closes_a_tab,
            "reloads a tab": self._reloads_a_tab,
            "goes elsewhere": self._goes_elsewhere,
        }
        await doings[action](who, where, number)

    # In a trip.

    async def _writes(self, who: int, where: int, number: int, **more: Any) -> None:
        self._authors[where].append(who)
        text = more.pop("text", f"**message** {number}" if number % 2 else f"message {number}")
        if tab := self._tab(who, number):
            await self._answered(tab, "send", where, kind="text", body={"text": text}, **more)
        else:
            body = {"text": text, "client_id": f"http-{len(self._authors[where])}-{who}", **more}
            await self._asks(who, "POST", f"/api/trips/{self.trips[where]}/messages", body)

    async def _writes_a_lot(self, who: int, where: int, number: int) -> None:
        await asyncio.gather(*(self._writes(who, where, number + each) for each in range(MANY)))

    async def _replies(self, who: int, where: int, number: int) -> None:
        await self._writes(who, where, number, reply_to_seq=self._any(where, number))

    async def _mentions(self, who: int, where: int, number: int) -> None:
        named = self.people[number % len(self.people)].name
        await self._writes(who, where, number, text=f"what do you say, @{named}?")

    async def _edits(self, who: int, where: int, number: int) -> None:
        named = self.people[number % len(self.people)].name
        text = f"edited {number}" if number % 3 else f"edited for @{named}"
        seq = self._own(who, where, number)
        if tab := self._tab(who, number):
            await self._answered(tab, "edit", where, seq=seq, body={"text": text})
        else:
            await self._asks(who, "PUT", self._message(where, seq), {"text": text})

    async def _deletes(self, who: int, where: int, number: int) -> None:
        seq = self._own(who, where, number)
        if tab := self._tab(who, number):
            await self._answered(tab, "delete", where, seq=seq)
        else:
            await self._asks(who, "DELETE", self._message(where, seq))

    async def _reacts(self, who: int, where: int, number: int) -> None:
        await self._react(who, where, number, True)

    async def _unreacts(self, who: int, where: int, number: int) -> None:
        await self._react(who, where, number, False)

    async def _react(self, who: int, where: int, number: int, there: bool) -> None:
        seq, emoji = self._any(where, number), EMOJIS[number % len(EMOJIS)]
        if tab := self._tab(who, number):
            await self._answered(tab, "react", where, seq=seq, emoji=emoji, there=there)
        else:
            path = f"{self._message(where, seq)}/reactions/{emoji}"
            await self._asks(who, "PUT" if there else "DELETE", path)

    async def _reads(self, who: int, where: int, number: int) -> None:
        if tab := self._tab(who, 0):
            await tab.marks_read(self.trips[where], self._any(where, number))

    async def _types(self, who: int, _where: int, _number: int) -> None:
        if tab := self._tab(who, 0):
            await tab.types()

    async def _leaves(self, who: int, where: int, _number: int) -> None:
        if who:  # somebody stays
            user_id = self.people[who].user_id
            await self._asks(who, "DELETE", f"/api/trips/{self.trips[where]}/members/{user_id}")

    async def _joins(self, who: int, where: int, _number: int) -> None:
        await self._asks(who, "POST", f"/api/invites/{self._codes[where]}/accept")

    async def _takes_another_name(self, who: int, _where: int, _number: int) -> None:
        self._names += 1
        await self.people[who].is_called(f"Person {who} {self._names}")

    async def _renames_the_trip(self, who: int, where: int, number: int) -> None:
        body = {"title": f"Trip {number}", "destination": "Bergen" if number % 2 else None}
        await self._asks(who, "PUT", f"/api/trips/{self.trips[where]}", body)

    # With tabs.

    async def _opens_a_tab(self, who: int, _where: int, number: int) -> None:
        await self.opens(who, self.pages[number % 3])

    async def _closes_a_tab(self, who: int, _where: int, number: int) -> None:
        if tabs := self.tabs[who]:
            await tabs.pop(number % len(tabs)).close()

    async def _reloads_a_tab(self, who: int, _where: int, number: int) -> None:
        if tabs := self.tabs[who]:
            tab = tabs.pop(number % len(tabs))
            await tab.close()
            tabs.append(await tab.reopened().open())

    async def _goes_elsewhere(self, who: int, _where: int, number: int) -> None:
        if tabs := self.tabs[who]:
            await tabs[number % len(tabs)].goes(self.pages[number // len(tabs) % 3])

    async def settles(self, tab: Tab) -> None:
        """Wait until the server has done all that a tab asked for."""
        await self._answered(tab, "react", 0, seq=0, emoji="", there=True)

    def _tab(self, who: int, number: int) -> Tab | None:
        """A tab to do something in; None for doing it over HTTP."""
        tabs = self.tabs[who]
        return tabs[number % len(tabs)] if tabs and number % 4 != 1 else None

    def _any(self, where: int, number: int) -> int:
        """The number of a message, mostly of a recent one."""
        count = max(1, len(self._authors[where]))
        return count - number % min(count, 5) if number % 3 else 1 + number % count

    def _own(self, who: int, where: int, number: int) -> int:
        """The number of a message that this person has written."""
        own = [seq for seq, author in enumerate(self._authors[where], 1) if author == who]
        return own[-1 - number % len(own)] if own else 1

    def _message(self, where: int, seq: int) -> str:
        return f"/api/trips/{self.trips[where]}/messages/{seq}"

    async def _asks(self, who: int, method: str, path: str, body: Any = None) -> None:
        answer = await self.people[who].http.request(method, path, json=body)
        assert answer.status_code < 500, answer.text

    async def _answered(self, tab: Tab, action: str, where: int, **arguments: Any) -> None:
        """Do something in a tab, and wait until the server has done it."""
        client_id = await tab.does(action, self.trips[where], **arguments)
        await tab.until(lambda: tab.closed or client_id in tab.answers)
