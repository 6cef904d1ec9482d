"""What a lively group does in a trip within an hour: the traffic that an open page lives with."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Self

from tests.kit.people import Account
from tests.kit.server import Server
from tests.kit.tab import tab_of

PEOPLE = 10
"""One of whom looks at the page."""

HOUR = {
    "writes": 1080,
    "writes in the page": 120,
    "reacts": 250,
    "reacts in the page": 50,
    "edits": 60,
    "deletes": 30,
    "reads": 900,
    "comes or goes": 60,
    "loses the connection": 12,
}
"""How often what happens. Whoever writes has typed first."""

WRITING = ("writes", "writes in the page")

_EMOJIS = ("🎉", "👍", "❤️", "😂", "🙏")
_SENTENCES = (
    "Shall we take the early train, or is that too early for you?",
    "I have found a place by the river: **two rooms**, breakfast, 84 € a night.",
    "Yes!",
    "Look at https://example.org/tickets before they are gone",
    "Who brings the tent? Mine has a hole, and the one we borrowed last year was too small.",
    "- sun cream\n- a hat\n- the blue bag",
)


@dataclass(frozen=True)
class Doing:
    """Something that happens."""

    at: float
    """When: 0 is the beginning, 1 the end."""
    what: str


def an_hour(share: float = 1.0, seed: int = 1) -> list[Doing]:
    """What happens, in order; `share` of what it is in an hour."""
    drawn = random.Random(seed)  # noqa: S311
    doings = [
        Doing(drawn.random(), what)
        for what, times in HOUR.items()
        for _ in range(max(1, round(times * share)))
    ]
    return sorted(doings, key=lambda doing: doing.at)


class LivelyGroup:
    """Everybody but the one at the page: each has a tab, and now and then has not."""

    def __init__(self, server: Server, people: list[Account], trip_id: str, seed: int = 1) -> None:
        self._people = people
        self._trip_id = trip_id
        self._drawn = random.Random(seed)  # noqa: S311
        self._tabs = [tab_of(server, person, f"/trip/{trip_id}") for person in people]
        self._authors: dict[int, Account] = {}
        """Who wrote what is there, by its number."""

    @classmethod
    @asynccontextmanager
    async def gathered(
        cls, server: Server, people: list[Account], trip_id: str
    ) -> AsyncIterator[Self]:
        """The group with its tabs open."""
        group = cls(server, people, trip_id)
        for tab in group._tabs:
            await tab.open()
        yield group
        for tab in group._tabs:
            await tab.close()

    async def newest(self) -> int:
        """The number of the trip's newest message."""
        return (await self._people[0].reads(self._trip_id, limit=1))[-1]["seq"]

    async def writes_much(self, messages: int) -> None:
        """All write at once, as fast as they can."""
        numbers = iter(range(messages))

        async def write(person: Account) -> None:
            for number in numbers:
                text = f"{_SENTENCES[number % len(_SENTENCES)]} ({number})"
                answer = await person.writes(self._trip_id, text)
                self._authors[answer["seq"]] = person

        await asyncio.gather(*map(write, self._people))

    async def does(self, what: str) -> None:
        """One of them does something."""
        doings: dict[str, Callable[[], Awaitable[None]]] = {
            "writes": self._writes,
            "reacts": self._reacts,
            "edits": self._edits,
            "deletes": self._deletes,
            "reads": self._reads,
            "comes or goes": self._comes_or_goes,
        }
        await doings[what]()

    async def _writes(self) -> None:
        who = self._drawn.randrange(len(self._people))
        if not self._tabs[who].closed:
            await self._tabs[who].types()
        more = {}
        if self._authors and self._drawn.random() < 0.1:
            more["reply_to_seq"] = self._recent()
        text = f"{self._drawn.choice(_SENTENCES)} ({len(self._authors)})"
        answer = await self._people[who].writes(self._trip_id, text, **more)
        self._authors[answer["seq"]] = self._people[who]

    async def _reacts(self) -> None:
        if self._authors:
            person = self._drawn.choice(self._people)
            emoji = self._drawn.choice(_EMOJIS)
            await person.reacts(self._trip_id, self._recent(), emoji)

    async def _edits(self) -> None:
        if self._authors:
            seq = self._recent()
            await self._authors[seq].edits(self._trip_id, seq, f"What I meant to say is {seq}")

    async def _deletes(self) -> None:
        if self._authors:
            seq = self._recent()
            await self._authors.pop(seq).deletes(self._trip_id, seq)

    async def _reads(self) -> None:
        tab = self._drawn.choice(self._tabs)
        if not tab.closed and tab.last_seq:
            await tab.marks_read(self._trip_id, tab.last_seq)

    async def _comes_or_goes(self) -> None:
        who = self._drawn.randrange(len(self._tabs))
        if self._tabs[who].closed:
            self._tabs[who] = await self._tabs[who].reopened().open()
        else:
            await self._tabs[who].close()

    def _recent(self) -> int:
        """The number of a message that somebody wrote lately, and that is still there."""
        return self._drawn.choice(list(self._authors)[-30:])
