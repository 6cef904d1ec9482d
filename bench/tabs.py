"""Many tabs of one chat, opened together and closed together."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

from bench.arrivals import Arrivals
from bench.chats import Chat
from bench.tab import Tab, TabClosed

AT_ONCE = 20  # tabs that open at the same time
SENDERS = 10  # tabs that take turns in sending


class Tabs:
    """Open tabs; what they receive is noted in the arrivals of the moment."""

    def __init__(self, chat: Chat, tabs: list[Tab], opened_in: float) -> None:
        self.chat = chat
        self.opened_in = opened_in  # seconds until the last was ready
        self._tabs = tabs

    def __len__(self) -> int:
        return len(self._tabs)

    def __iter__(self) -> Iterator[Tab]:
        return iter(self._tabs)

    @property
    def received(self) -> int:
        """Bytes all tabs have read so far."""
        return sum(tab.received for tab in self._tabs)

    def expect(self, messages: int) -> Arrivals:
        """From now on, notes the arrivals of that many messages."""
        arrivals = Arrivals(len(self._tabs), messages)
        for tab in self._tabs:
            tab.arrivals = arrivals
        return arrivals

    def send(self, arrivals: Arrivals, index: int) -> None:
        """Sends message `index` of `arrivals` from the tab whose turn it is."""
        # The senders are spread over all tabs, and so over the people whose tabs they are.
        turn = index % min(SENDERS, len(self._tabs))
        tab = self._tabs[turn * len(self._tabs) // min(SENDERS, len(self._tabs))]
        number = arrivals.number(index)
        arrivals.sending(index)
        self.chat.send(tab, number)


@asynccontextmanager
async def open_tabs(chat: Chat, count: int, within: float = 90.0) -> AsyncIterator[Tabs]:
    """Opens `count` tabs, some at once, and closes them at the end.

    Raises:
        TabClosed: one was refused, or not all were ready `within` that many seconds.
    """
    tabs = [chat.tab(index) for index in range(count)]
    turns = asyncio.Semaphore(AT_ONCE)

    async def open_one(tab: Tab) -> None:
        async with turns:
            await tab.open(within)

    began = time.perf_counter()
    try:
        try:
            async with asyncio.timeout(within), asyncio.TaskGroup() as group:
                for tab in tabs:
                    group.create_task(open_one(tab))
        except TimeoutError:
            raise TabClosed(f"{count} tabs were not ready within {within:.0f} s") from None
        except ExceptionGroup as failed:
            raise failed.exceptions[0] from None
        yield Tabs(chat, tabs, time.perf_counter() - began)
    finally:
        for tab in tabs:
            tab.close()
        await asyncio.sleep(0.5)  # the server notices before anything else is measured
