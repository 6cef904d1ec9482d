"""What a connected tab costs the server in memory."""

import asyncio
from dataclasses import dataclass

from bench.chats import Chat
from bench.delivery import WARM_UP, steady
from bench.tabs import open_tabs

WARMING_TABS = 20
SETTLE_SECONDS = 1.0


@dataclass(frozen=True)
class Memory:
    """Resident memory of the server's processes, in bytes."""

    chat: str
    tabs: int
    empty: int  # warmed up, without tabs
    full: int  # with all tabs open

    @property
    def per_tab(self) -> float:
        """Bytes for each tab."""
        return (self.full - self.empty) / self.tabs


async def memory(chat: Chat, tabs: int) -> Memory:
    """Opens `tabs` tabs on a server that had some before, and looks what they added."""
    async with open_tabs(chat, WARMING_TABS) as warming:
        await steady(warming, WARM_UP / 10)
    await asyncio.sleep(SETTLE_SECONDS)
    empty = chat.server.memory()
    async with open_tabs(chat, tabs):
        await asyncio.sleep(SETTLE_SECONDS)
        return Memory(chat.name, tabs, empty, chat.server.memory())
