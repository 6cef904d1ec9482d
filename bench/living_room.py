"""A room full of people: everybody reads, some type and some react while messages come.

Everybody reads in the quiet room too: what differs is only what the living room adds to messages.
"""

import asyncio
import itertools
import random
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager

from bench import messages
from bench.site import Channel, Site, Trip
from bench.tab import ReflexTab, Tab
from bench.tabs import Tabs
from bench.visitor import Visitor

TABS = 200
DEVICES = 2  # tabs of each person
TYPISTS = 20
REACTIONS = 5  # a second
REACTORS = 10  # each takes back two seconds later what they have put
EMOJI = ("👍", "❤️", "😂", "🎉", "🙏")
LATEST = 20  # messages that are reacted to

# As in browser/live/live.js.
TYPES_SECONDS = 2.0  # between two signs of typing
MARK_SECONDS = 2.0  # most that a read marker waits, when a hundred people are here

# From a message to the first key of the next one. At random: messages come on the clock, and
# what goes along with them must not.
NEXT_KEY_SECONDS = (0.2, 0.6)


class LivingRoom(Channel):
    """A channel in which each person has several tabs, and in which it shows who writes."""

    def __init__(self, site: Site, trip: Trip) -> None:
        super().__init__(site, trip)
        self._has_sent: defaultdict[int, asyncio.Event] = defaultdict(asyncio.Event)

    def tab(self, index: int) -> ReflexTab:
        """A tab that has the trip open; neighbours are one person's."""
        return self._site.tab(index, self._trip, person=index // DEVICES)

    def send(self, tab: Tab, number: int) -> None:
        """Sends message `number`, which ends its tab's typing."""
        super().send(tab, number)
        self._has_sent[tab.index].set()

    @contextmanager
    def reading(self, tabs: Tabs) -> Iterator[list["Reader"]]:
        """Meanwhile everybody reads what comes."""
        readers = [Reader(tab, self._trip) for tab in tabs if isinstance(tab, ReflexTab)]
        try:
            yield readers
        finally:
            for reader in readers:
                reader.stop()

    @asynccontextmanager
    async def lively(self, visitors: Sequence[Visitor]) -> AsyncIterator[None]:
        """Meanwhile some of them type and some react; at the end they send what they typed."""
        async with asyncio.TaskGroup() as group:
            life = [group.create_task(self._type(each)) for each in typists(visitors)]
            life.append(group.create_task(_react(visitors[5 :: len(visitors) // REACTORS])))
            try:
                yield
            finally:
                for one in life:
                    one.cancel()
        for visitor in typists(visitors):
            self.send(visitor.tab, messages.next_number())

    async def _type(self, visitor: Visitor) -> None:
        """Keys, all the time: a sign now and then, and anew after each message that was sent."""
        sent = self._has_sent[visitor.tab.index]
        await asyncio.sleep(random.random())
        while True:
            sent.clear()
            visitor.types()
            try:
                async with asyncio.timeout(TYPES_SECONDS):
                    await sent.wait()
            except TimeoutError:
                continue
            await asyncio.sleep(random.uniform(*NEXT_KEY_SECONDS))


class Reader(Visitor):
    """Somebody who looks on: what has come is marked as read soon, as the browser does it."""

    _marked = 0
    _marking: asyncio.TimerHandle | None = None

    def heard(self, frame: bytes) -> None:
        """Takes a frame; a new message in it is marked as read after a while."""
        super().heard(frame)
        if self.newest > self._marked and self._marking is None:
            wait = MARK_SECONDS * random.random()
            self._marking = asyncio.get_running_loop().call_later(wait, self._mark)

    def stop(self) -> None:
        """Looks away."""
        self.tab.listener = None
        if self._marking is not None:
            self._marking.cancel()

    def _mark(self) -> None:
        self._marking = None
        self._marked = self.newest
        self.mark_read()


def typists(visitors: Sequence[Visitor]) -> Sequence[Visitor]:
    """Those who type, all of them different people; the senders of messages are among them."""
    return visitors[:: len(visitors) // TYPISTS]


async def _react(reactors: Sequence[Visitor]) -> None:
    """All in turns; whoever has put an emoji under a message takes it back the next time."""
    put: dict[Visitor, tuple[int, str]] = {}
    for visitor in itertools.cycle(reactors):
        await asyncio.sleep(random.uniform(0.5, 1.5) / REACTIONS)
        if place := put.pop(visitor, None):
            visitor.react(*place, there=False)
        else:
            seq = visitor.newest - random.randrange(LATEST)
            place = put[visitor] = (seq, random.choice(EMOJI))
            visitor.react(*place, there=True)
