"""What an open page holds: asked of the browser through its debugging protocol."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any, Self

from playwright.async_api import CDPSession, Page

from tests.kit.tab import ROOM_STATE

_COUNT = """roomState => {
    const app = document.querySelector("[data-testid=app]");
    let fiber = app[Object.keys(app).find(key => key.startsWith("__reactFiber$"))];
    while (fiber && !fiber.memoizedProps?.value?.getSnapshot) fiber = fiber.return;
    const vars = fiber?.memoizedProps.value.getSnapshot(roomState) ?? {};
    const stored = Object.entries({...localStorage}).flat();
    return {
        rows: document.querySelectorAll("[data-testid=message]").length,
        last_seq: Number(document.querySelector("[data-testid=room]").dataset.lastSeq),
        vars: Object.keys(vars).length,
        vars_chars: JSON.stringify(vars).length,
        storage_chars: stored.reduce((sum, text) => sum + text.length, 0),
    };
}"""


@dataclass(frozen=True)
class Held:
    """A page at one moment."""

    last_seq: int
    rows: int
    heap: int
    """Bytes of JavaScript, after all that could be collected was."""
    nodes: int
    listeners: int
    documents: int
    vars: int
    """Vars of the room's state."""
    vars_chars: int
    storage_chars: int
    """Keys and values in localStorage."""


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
        for _ in range(2):  # the first may leave what has finalizers
            await self._protocol.send("HeapProfiler.collectGarbage")
        used = await self._protocol.send("Runtime.getHeapUsage")
        found = await self._protocol.send("Memory.getDOMCounters")
        return Held(
            heap=int(used["usedSize"]),
            nodes=found["nodes"],
            listeners=found["jsEventListeners"],
            documents=found["documents"],
            **counted,
        )

    async def sizes(self) -> dict[str, int]:
        """Bytes of the heap by what they belong to, from a snapshot of it."""
        chunks: list[str] = []
        self._protocol.on(
            "HeapProfiler.addHeapSnapshotChunk", lambda event: chunks.append(event["chunk"])
        )
        await self._protocol.send("HeapProfiler.takeHeapSnapshot", {"reportProgress": False})
        return _by_name("".join(chunks))


def mean(held: Sequence[Held]) -> dict[str, float]:
    """The mean of each figure."""
    return {
        each.name: sum(getattr(one, each.name) for one in held) / len(held) for each in fields(Held)
    }


def _by_name(snapshot: str) -> dict[str, int]:
    """Bytes by the name of the constructor, or the kind of what has none."""
    content = json.loads(snapshot)
    meta, strings, nodes = content["snapshot"]["meta"], content["strings"], content["nodes"]
    names = meta["node_fields"]
    kinds = meta["node_types"][names.index("type")]
    sizes: Counter[str] = Counter()
    for at in range(0, len(nodes), len(names)):
        node = dict(zip(names, nodes[at : at + len(names)], strict=True))
        kind = kinds[node["type"]]
        named = kind in ("object", "native", "hidden", "synthetic")
        sizes[f"{kind} {strings[node['name']]}" if named else kind] += node["self_size"]
    return sizes
