"""How long tabs need to be as they should, once whatever was wrong is mended."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Iterable
from statistics import quantiles
from typing import Any

from tests.faults.crowd import AnyTab
from tests.faults.page_tab import PageTab
from tests.faults.report import Report
from tests.faults.waiting import LOOKS_EVERY_SECONDS, until

RECOVERS_SECONDS = 90.0
"""Whoever needs longer has not recovered."""


class Recoveries:
    """The times, by kind of fault and of tab."""

    def __init__(self, looks_every: float = LOOKS_EVERY_SECONDS) -> None:
        """A tab is looked at every `looks_every` seconds."""
        self._looks_every = looks_every
        self.log: list[dict[str, Any]] = []
        """What has happened, in order."""
        self._never: list[str] = []
        self._seconds: dict[tuple[str, str], list[float]] = defaultdict(list)

    async def of(
        self, tabs: Iterable[AnyTab], wanted: int, mended: float, kind: str
    ) -> dict[str, float | None]:
        """Wait until tabs are connected and show message `wanted`; gives how long each took.

        `mended` is the moment from which it is counted.
        """
        return dict(await asyncio.gather(*(self._one(tab, wanted, mended, kind) for tab in tabs)))

    async def _one(
        self, tab: AnyTab, wanted: int, mended: float, kind: str
    ) -> tuple[str, float | None]:
        try:
            await until(
                lambda: tab.connected and tab.last_seq >= wanted,
                RECOVERS_SECONDS,
                tab.name,
                self._looks_every,
            )
        except TimeoutError:
            how = f"connected {tab.connected}, at {tab.last_seq} instead of {wanted}"
            self._never.append(f"{tab.name} after {kind}: {how}")
            return tab.name, None
        taken = time.monotonic() - mended
        self._seconds[kind, _sort(tab)].append(taken)
        return tab.name, round(taken, 2)

    @property
    def wrong(self) -> dict[str, Any]:
        """Who did not recover."""
        return {"never": self._never} if self._never else {}

    def add_to(self, report: Report, after: str) -> None:
        """Say who did not recover, and the longest times of those who did."""
        shown = f"{after}: tabs that needed more than {RECOVERS_SECONDS:.0f} s to recover"
        report.add(shown, "0", str(len(self._never)), not self._never)
        for sort in ("browser", "protocol"):
            times = [t for (_, of), some in self._seconds.items() if of == sort for t in some]
            if times:
                report.add(
                    f"{after}: worst time to recover, {sort} tabs",
                    "stated",
                    f"{max(times):.1f} s",
                    True,
                )

    def table(self) -> str:
        """How many, the median, the 95th percentile and the worst."""
        lines = [
            "| fault | tabs | recoveries | p50 s | p95 s | worst s |",
            "|---|---|---|---|---|---|",
        ]
        for (kind, sort), seconds in sorted(self._seconds.items()):
            values = sorted(seconds)
            cuts = quantiles(values, n=100, method="inclusive") if values[1:] else values * 99
            figures = f"{cuts[49]:.1f} | {cuts[94]:.1f} | {values[-1]:.1f}"
            lines.append(f"| {kind} | {sort} | {len(values)} | {figures} |")
        return "\n".join(lines)


def _sort(tab: AnyTab) -> str:
    return "browser" if isinstance(tab, PageTab) else "protocol"
