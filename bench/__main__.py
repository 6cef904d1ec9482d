"""`python -m bench`: measures TripChat, the floor and the twin, and prints one table.

Servers run on core 0, the load client on core 1. TripChat and the floor take turns, so that
whatever else the machine does falls on both; the twin, which is far slower, runs once at the end.
"""

import argparse
import asyncio
import json
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import uvloop

from bench.browser import NoBrowser, clicks
from bench.changes import changes
from bench.chats import Chat
from bench.delivery import Delivery, burst, steady
from bench.floor import Floor
from bench.living_room import DEVICES, TABS, LivingRoom, typists
from bench.memory import memory
from bench.opening import opening
from bench.people import SetUpFailed
from bench.progress import say
from bench.results import Results
from bench.server import CLIENT_CORE, NotReady, pin
from bench.site import Channel, Site, Trip
from bench.strangers import strangers
from bench.tab import TabClosed
from bench.table import markdown
from bench.tabs import Tabs, open_tabs
from bench.tripchat import TripChat
from bench.twin import Twin
from bench.typing_cost import typing_cost
from bench.visitor import Visitor
from bench.websocket import HandshakeRefused, Inbox

FRAME_HEADER = 4  # bytes of a WebSocket frame's header at the sizes of messages


@dataclass(frozen=True)
class Plan:
    """How much is measured."""

    rounds: int
    seconds: float  # of steady sending
    stored: int  # messages of the large trip
    cold_trips: int  # trips of each size that are opened for the first time
    openings: int
    lively_turns: int  # in the quiet and in the lively room
    typing_events: int
    clicks: int
    twin_500: bool


FULL = Plan(3, 10.0, 100_000, 3, 30, 6, 20_000, 100, True)
QUICK = Plan(1, 4.0, 20_000, 2, 10, 4, 5_000, 20, False)
SMALL = 100  # messages of the small trip, and of every channel before it is measured


class Bench:
    """One run, from start to table."""

    def __init__(self, plan: Plan, port: int, data: Path) -> None:
        self.plan = plan
        self.results = Results()
        self._port = port
        self._data = data
        self._inbox = Inbox(asyncio.get_running_loop())

    async def run(self) -> None:
        """Measures everything; what cannot be measured becomes a note."""
        say("starting TripChat, with people and trips")
        tripchat = await TripChat.start(self._inbox, self._port, self._data)
        try:
            await self._against_the_floor(tripchat)
            await self._stored_messages(tripchat)
            await self._browser(tripchat)
            await self._living_room(tripchat)
        finally:
            tripchat.stop()
        await self._twin()

    async def _against_the_floor(self, tripchat: TripChat) -> None:
        channel = await self._channel(tripchat)
        async with open_tabs(channel, 20) as tabs:
            probe = await steady(tabs, 1)
        floor = await Floor.start(
            self._inbox, self._port + 1, round(probe.frame_bytes) - FRAME_HEADER
        )
        try:
            for chat in (channel, floor):
                say(f"{chat.name}: memory of 500 tabs")
                self.results.memories.append(await memory(chat, 500))
            for turn in range(self.plan.rounds):
                for tabs in (100, 500):
                    for chat in (channel, floor):
                        await self._round(chat, tabs, turn)
        finally:
            floor.stop()

    async def _channel(self, site: Site) -> Channel:
        return site.channel(await site.trip("Bench", SMALL))

    async def _round(self, chat: Chat, count: int, turn: int) -> None:
        async with open_tabs(chat, count) as tabs:
            self._add(f"steady-{count}", turn, await steady(tabs, self.plan.seconds))
            if count == 100:
                self._add("burst-100", turn, await burst(tabs))

    async def _stored_messages(self, tripchat: TripChat) -> None:
        small, large = await self._openings(tripchat)
        for turn in range(min(2, self.plan.rounds)):
            for scenario, trip in (("small", small), ("large", large)):
                async with open_tabs(tripchat.channel(trip), 100) as tabs:
                    self._add(scenario, turn, await steady(tabs, self.plan.seconds / 2))

    async def _openings(self, site: Site) -> tuple[Trip, Trip]:
        say(f"{site.name}: trips with {SMALL:,} and {self.plan.stored:,} stored messages")
        pairs = range(self.plan.cold_trips)
        small = [await site.trip(f"Small {number}", SMALL) for number in pairs]
        large = [await site.trip(f"Large {number}", self.plan.stored) for number in pairs]
        self.results.openings += await opening(site, small, large, self.plan.openings)
        return small[0], large[0]

    async def _browser(self, tripchat: TripChat) -> None:
        say("Chromium: clicks")
        trip = await tripchat.trip("Browsers", SMALL)
        # Two pages share what is free, as they do on anybody's machine.
        pin(None)
        try:
            self.results.clicks = await clicks(tripchat, trip, self.plan.clicks)
        except NoBrowser as missing:
            self.results.notes.append(f"clicks: {missing}")
        finally:
            pin(CLIENT_CORE)

    async def _living_room(self, tripchat: TripChat) -> None:
        say("the living room")
        await tripchat.sign_up(TABS // DEVICES)
        trip = await tripchat.trip("Living room", SMALL)
        self.results.changes = await changes(tripchat, trip)
        room = LivingRoom(tripchat, trip)
        async with open_tabs(room, TABS) as tabs:
            with room.reading(tabs) as readers:
                await self._lively_turns(room, tabs, readers)
            self.results.typing_cost = await typing_cost(
                tripchat.server, len(tabs), typists(readers), self.plan.typing_events
            )
        self.results.strangers = await strangers(tripchat)

    async def _lively_turns(self, room: LivingRoom, tabs: Tabs, readers: Sequence[Visitor]) -> None:
        for turn in range(self.plan.lively_turns):
            self._add("quiet-200", turn, await steady(tabs, self.plan.seconds))
            async with room.lively(readers):
                self._add("lively-200", turn, await steady(tabs, self.plan.seconds))

    async def _twin(self) -> None:
        # Each time a fresh one, which has nothing left to do for tabs that were there before.
        say("twin")
        async with self._fresh_twin() as twin:
            self.results.memories.append(await memory(await self._channel(twin), 100))
            await self._openings(twin)
        async with self._fresh_twin() as twin:
            await self._round(await self._channel(twin), 100, 0)
        if self.plan.twin_500:
            async with self._fresh_twin() as twin:
                await self._twin_500(await self._channel(twin))

    async def _twin_500(self, twin: Chat) -> None:
        try:
            async with open_tabs(twin, 500, within=60) as tabs:
                self._add("steady-500", 0, await steady(tabs, 3, patience=5))
        except TabClosed as cannot:
            self.results.notes.append(f"twin: {cannot}")

    @asynccontextmanager
    async def _fresh_twin(self) -> AsyncIterator[Twin]:
        twin = await Twin.start(self._inbox, self._port + 2)
        try:
            yield twin
        finally:
            twin.stop()

    def _add(self, scenario: str, turn: int, delivery: Delivery) -> None:
        self.results.add(scenario, turn, delivery)
        say(
            f"{scenario} {delivery.chat}: p50 {delivery.p50:.1f} ms, p95 {delivery.p95:.1f} ms, "
            f"last after {delivery.seconds:.2f} s, others on {delivery.others_busy:.2f} cores"
        )
        if delivery.missing:
            self.results.notes.append(
                f"{delivery.chat}, {scenario}: {delivery.missing:,} of "
                f"{delivery.messages * delivery.tabs:,} deliveries did not come in time"
            )


async def measure(options: argparse.Namespace) -> Results:
    """One run with its data in the given folder, or in one that is gone afterwards."""
    plan = QUICK if options.quick else FULL
    with tempfile.TemporaryDirectory(prefix="tripchat-bench-") as folder:
        data = Path(options.data) if options.data else Path(folder)
        bench = Bench(plan, options.port, data)
        try:
            await bench.run()
        except (NotReady, SetUpFailed, TabClosed, HandshakeRefused) as problem:
            # What was measured until then took minutes: it is printed all the same.
            bench.results.notes.append(f"stopped: {problem}")
            bench.results.stopped = True
        return bench.results


def main() -> None:
    """Reads the arguments, runs, prints the table and writes the JSON."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--port", type=int, default=3900, help="the first of three ports")
    parser.add_argument("--data", help="TripChat's data folder; a temporary one if not given")
    parser.add_argument("--out", type=Path, help="the JSON file; one in bench/results if not given")
    parser.add_argument("--quick", action="store_true", help="fewer and shorter measurements")
    options = parser.parse_args()
    pin(CLIENT_CORE)
    results = uvloop.run(measure(options))
    name = time.strftime("%Y%m%d-%H%M%S.json", time.gmtime(results.began))
    out = options.out or Path(__file__).parent / "results" / name
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(results.as_dict(), indent=1))
    print(markdown(results))
    say(f"{time.time() - results.began:.0f} s; all figures are in {out}")
    sys.exit(1 if results.stopped or results.overheard else 0)


if __name__ == "__main__":
    main()
