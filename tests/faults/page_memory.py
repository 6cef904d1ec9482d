"""What an open page holds: asked of the browser through its debugging protocol."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Self

from playwright.async_api import CDPSession, Page

from tests.kit.tab import ROOM_STATE

_COUNT = """roomState => {
    const app = document.querySelector("[data-testid=app]");
    let fiber = app[Object.keys(app).find(key => key.startsWith("__reactFiber$"))];
    while (fiber && !fiber.memoizedProps?.value?.getSnapshot) fiber = fiber.return;
    const vars = fiber?.memoizedProps.value.getSnapshot(roomState) ?? {};
    let attached = 1;
    for (const walker = document.createTreeWalker(document); walker.nextNode(); ) attached += 1;
    const stored = Object.entries({...localStorage}).flat();
    return {
        attached,
        rows: document.querySelectorAll("[data-testid=message]").length,
        last_seq: Number(document.querySelector("[data-testid=room]").dataset.lastSeq),
        vars: Object.keys(vars).length,
        vars_chars: JSON.stringify(vars).length,
        storage_chars: stored.reduce((sum, text) => sum + text.length, 0),
    };
}"""


MOST_COLLECTIONS = 8


@dataclass(frozen=True)
class Held:
    """A page at one moment."""

    last_seq: int
    rows: int
    heap: int
    """Bytes of JavaScript, after all that could be collected was."""
    nodes: int
    """Nodes of the DOM."""
    attached: int
    """Those of them that are in the document."""
    listeners: int
    documents: int
    vars: int
    """Vars of the room's state."""
    vars_chars: int
    storage_chars: int
    """Keys and values in localStorage."""

    @property
    def loose(self) -> int:
        """Nodes that are no longer in the document, and still held; and those within controls."""
        return self.nodes - self.attached


class PageMemory:
    """Asks a page, again and again."""

    def __init__(self, page: Page, protocol: CDPSession) -> None:
        self.page = page
        self._protocol = protocol

    @classmethod
    async def of(cls, page: Page) -> Self:
        """Begin to look at a page of Chromium."""
        return cls(page, await page.context.new_cdp_session(page))

    async def held(self) -> Held:
        """What the page holds now."""
        counted: dict[str, Any] = await self.page.evaluate(_COUNT, ROOM_STATE)
        # What was written to the console is kept for whoever looks into it.
        await self._protocol.send("Runtime.enable")
        await self._protocol.send("Runtime.discardConsoleEntries")
        await self._protocol.send("Runtime.disable")
        heap = await self._collected()
        found = await self._protocol.send("Memory.getDOMCounters")
        return Held(
            heap=heap,
            nodes=found["nodes"],
            listeners=found["jsEventListeners"],
            documents=found["documents"],
            **counted,
        )

    async def _collected(self) -> int:
        """Collect garbage until nothing more goes: what has finalizers goes later than the rest.

        Gives the size of the heap, in bytes.
        """
        least, left = math.inf, MOST_COLLECTIONS
        while left > 0:
            await self._protocol.send("HeapProfiler.collectGarbage")
            used = (await self._protocol.send("Runtime.getHeapUsage"))["usedSize"]
            left = left - 1 if used < least else min(left - 1, 1)
            least = min(least, used)
        return int(least)
