"""A site that has TripChat's HTTP calls and pages: its people, its trips and their channels."""

import asyncio
import os
import secrets
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, ClassVar, Self

from bench import messages
from bench.people import Organiser, Person, SetUpFailed
from bench.seed import stored_text
from bench.server import Command, Server
from bench.tab import Page, ReflexTab, Tab
from bench.websocket import Inbox

PEOPLE = 50  # members of each trip; with more tabs than that, people have several open


@dataclass(frozen=True)
class Trip:
    """A trip made for the bench."""

    trip_id: str
    stored: int  # messages it was made with

    @property
    def newest(self) -> bytes:
        """What a tab that shows the trip as it was made must have received."""
        return stored_text(self.stored, self.stored).encode() if self.stored else b""


class Site:
    """A running site and the people who use it: real people, real sessions, real trips."""

    name: ClassVar[str]

    def __init__(
        self, server: Server, inbox: Inbox, data: Path, storage: Mapping[str, str] | None = None
    ) -> None:
        """`storage` are the settings that say where it stores, unless that is the data folder."""
        self.server = server
        self.people: list[Person] = []
        self._inbox = inbox
        self._data = data
        self._storage = storage or {}
        self._reflex_version = version("reflex")

    @classmethod
    async def _start(
        cls,
        inbox: Inbox,
        command: Command,
        data: Path,
        storage: Mapping[str, str] | None = None,
    ) -> Self:
        """Starts the server, which keeps its data in that folder, and signs up the people."""
        site = cls(await Server.start(command), inbox, data, storage)
        try:
            await site.sign_up(PEOPLE)
        except BaseException:
            site.stop()
            raise
        return site

    async def sign_up(self, people: int) -> None:
        """Signs people up until there are so many."""
        run = secrets.token_hex(4)
        async with Organiser(self.server.port) as organiser:
            for number in range(len(self.people), people):
                self.people.append(await organiser.sign_up(number, run))

    async def trip(self, title: str, stored: int = 0) -> Trip:
        """A trip that everybody is in, with so many stored messages.

        Raises:
            SetUpFailed: the site refused a call, or the messages could not be stored.
        """
        async with Organiser(self.server.port) as organiser:
            trip_id = await organiser.trip(title, self.people)
        if stored:
            await self._fill(trip_id, stored)
        return Trip(trip_id, stored)

    async def _fill(self, trip_id: str, stored: int) -> None:
        authors = [f"--author={person.user_id}" for person in self.people[:5]]
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bench.seed", "--data", str(self._data)),
            # With "=", as an id may begin with a hyphen.
            *(f"--trip={trip_id}", f"--messages={stored}", *authors),
            stderr=asyncio.subprocess.PIPE,
            env={**os.environ, **self._storage},
        )
        _, complaints = await process.communicate()
        if process.returncode:
            raise SetUpFailed(f"messages could not be stored: {complaints.decode()[-2000:]}")

    def channel(self, trip: Trip) -> "Channel":
        """The chat of one trip."""
        return Channel(self, trip)

    async def own_trips(self) -> list[Trip]:
        """A trip for each of the people, which nobody else is in."""
        async with Organiser(self.server.port) as organiser:
            return [Trip(await organiser.trip("Alone", [each]), 0) for each in self.people]

    def tab(
        self, index: int, trip: Trip, waits_for: bytes = b"", person: int | None = None
    ) -> ReflexTab:
        """A tab of a person, ready when it has the trip, and `waits_for` in it.

        Unless it is said whose it is, the people take turns.
        """
        owner = self.people[(index if person is None else person) % len(self.people)]
        return self.tab_of(index, trip, owner, waits_for)

    def tab_of(self, index: int, trip: Trip, owner: Person, waits_for: bytes = b"") -> ReflexTab:
        """A tab of that person's, ready when it has the trip, and `waits_for` in it."""
        page = Page(f"/trip/{trip.trip_id}", {"trip_id": trip.trip_id})
        return ReflexTab(
            *(index, self._inbox, self.server.port, page, self._reflex_version),
            cookie=owner.cookie,
            waits_for=waits_for or trip.trip_id.encode(),
        )

    def send_event(self, trip: Trip, client_id: str, text: str) -> tuple[str, dict[str, Any]]:
        """The full name of the event handler that sends a message, and what it is called with."""
        raise NotImplementedError

    def stop(self) -> None:
        """Ends the server."""
        self.server.stop()


class Channel:
    """One trip's channel, as the bench measures it."""

    def __init__(self, site: Site, trip: Trip) -> None:
        self.name = site.name
        self.server = site.server
        self._site = site
        self._trip = trip

    def tab(self, index: int) -> Tab:
        """A tab that has the trip open."""
        return self._site.tab(index, self._trip)

    def send(self, tab: Tab, number: int) -> None:
        """Sends message `number`, as the composer does."""
        assert isinstance(tab, ReflexTab)
        tab.send_event(*self._site.send_event(self._trip, f"bench-{number}", messages.text(number)))

    def stop(self) -> None:
        """Ends the server."""
        self._site.stop()
