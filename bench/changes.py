"""What each sort of change in a room costs every tab that has it open, in bytes."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from bench import messages
from bench.site import Channel, Site, Trip
from bench.tab import ReflexTab, TabClosed
from bench.tabs import open_tabs
from bench.visitor import Visitor

ACTORS = 20  # tabs in which something is done, each of another person
WATCHERS = 10  # tabs whose bytes are counted, of other people still
TIMES = 10
POLL_SECONDS = 0.01
POLLS = 1_000
SETTLE_SECONDS = 0.03
STILL_SECONDS = 0.5

# As many as one message can have, all by one person: each change tells all that they have put.
EMOJI = "👍😂🎉🙏🔥😍😢😮👏🚀✅👀💯🤔🍕🌊🌞🚲🎶🐬"


@dataclass(frozen=True)
class Change:
    """Bytes that a tab got, frame headers included, each time something of that sort was done."""

    name: str
    bytes_per_tab: list[float]


async def changes(site: Site, trip: Trip) -> list[Change]:
    """Does everything some times over in a trip that nobody else has open."""
    channel = site.channel(trip)
    async with open_tabs(channel, ACTORS + WATCHERS) as tabs:
        everybody = [tab for tab in tabs if isinstance(tab, ReflexTab)]
        actors = [Visitor(tab, trip) for tab in everybody[:ACTORS]]
        watchers = Watchers(everybody[ACTORS:])
        await watchers.settle(STILL_SECONDS)
        somebody_else = ACTORS + WATCHERS
        return [
            Change("reaction", await _reactions(watchers, actors[0])),
            Change("edit", await _edits(watchers, channel, actors[0])),
            Change("presence", await _presence(watchers, channel, somebody_else)),
            # Last, as it ends by itself, some time later.
            Change("typing", [await watchers.cost(each.types) for each in actors]),
        ]


class Watchers:
    """Tabs that only look on."""

    def __init__(self, tabs: Sequence[ReflexTab]) -> None:
        self._tabs = tabs

    def received(self) -> list[int]:
        """Bytes that each has read so far."""
        return [tab.received for tab in self._tabs]

    async def cost(self, act: Callable[[], object]) -> float:
        """Bytes for each tab of what `act` brings about; raises like `cost_since`."""
        before = self.received()
        act()
        return await self.cost_since(before)

    async def cost_since(self, before: Sequence[int]) -> float:
        """Bytes for each tab since they had read so many, once something has come to all.

        Raises:
            TabClosed: nothing came to one of them.
        """
        for _ in range(POLLS):
            if all(now > then for now, then in zip(self.received(), before, strict=True)):
                break
            await asyncio.sleep(POLL_SECONDS)
        else:
            raise TabClosed("a change did not come to all tabs")
        await self.settle(SETTLE_SECONDS)
        return (sum(self.received()) - sum(before)) / len(before)

    async def settle(self, seconds: float) -> None:
        """Waits until nothing has come for so long."""
        before: list[int] = []
        while before != (now := self.received()):
            before = now
            await asyncio.sleep(seconds)


async def _reactions(watchers: Watchers, actor: Visitor) -> list[float]:
    return [
        await watchers.cost(partial(actor.react, actor.newest, emoji, there=there))
        for there in (True, False)
        for emoji in EMOJI
    ]


async def _edits(watchers: Watchers, channel: Channel, actor: Visitor) -> list[float]:
    await watchers.cost(lambda: channel.send(actor.tab, messages.next_number()))
    texts = [messages.text(messages.next_number()) for _ in range(TIMES)]
    return [await watchers.cost(partial(actor.edit, actor.newest, text)) for text in texts]


async def _presence(watchers: Watchers, channel: Channel, index: int) -> list[float]:
    costs: list[float] = []
    for _ in range(TIMES // 2):
        tab, before = channel.tab(index), watchers.received()
        await tab.open()
        costs += [await watchers.cost_since(before), await watchers.cost(tab.close)]
    return costs
