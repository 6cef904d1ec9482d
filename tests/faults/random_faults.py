"""Everything that can happen to a connection happens, many times, while everybody writes."""

from __future__ import annotations

import asyncio
import json
import time
from collections import defaultdict
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import quantiles
from typing import Any

from playwright.async_api import Browser

from tests.faults.crowd import NAMES, AnyTab, Crowd
from tests.faults.faults import KINDS, Fault, befalls, drawn
from tests.faults.page_tab import PageTab
from tests.faults.report import Report
from tests.faults.traveller import Patience
from tests.faults.verdict import judged
from tests.faults.waiting import until
from tests.kit.server import ROOT, Server

RESULTS = ROOT / "test-results"
AT_ONCE = 12
RECOVERS_SECONDS = 60.0
"""Whoever needs longer has not recovered."""
PATIENCE = Patience(steps=(0.25, 0.5, 1.0, 2.0), ping_seconds=3.0, deadline_seconds=3.0)
"""Tabs without a browser are quicker than it, so that the run is shorter."""


@dataclass
class Recoveries:
    """How long tabs needed to be as they should, once the fault was mended."""

    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    never: list[str] = field(default_factory=list)
    log: list[dict[str, Any]] = field(default_factory=list)

    def table(self) -> str:
        """By kind of fault and of tab: how many, the median, the 95th percentile and the worst."""
        lines = ["| fault | tabs | recoveries | p50 s | p95 s | worst s |", "|---|---|---|---|---|---|"]
        for name in sorted(self.seconds):
            values = sorted(self.seconds[name])
            cuts = quantiles(values, n=100, method="inclusive") if values[1:] else values * 99
            figures = f"{cuts[49]:.1f} | {cuts[94]:.1f} | {values[-1]:.1f}"
            lines.append(f"| {name.replace('/', ' | ')} | {len(values)} | {figures} |")
        return "\n".join(lines)

    def worst(self, of: str) -> float:
        """The longest time that any tab of this sort needed."""
        return max((max(v) for name, v in self.seconds.items() if name.endswith(of)), default=0.0)


class Run:
    """One run: the faults strike, several at once, but one at a time on each way."""

    def __init__(self, crowd: Crowd, faults: list[Fault]) -> None:
        self._crowd = crowd
        self._faults = faults
        self._ways = {tab.proxy: asyncio.Lock() for tab in crowd.tabs.values()}
        self._began = time.monotonic()
        self.recoveries = Recoveries()

    async def goes(self) -> None:
        """Let all of them strike, in their order."""
        places = asyncio.Semaphore(AT_ONCE)
        async with asyncio.TaskGroup() as group:
            for fault in self._faults:
                await places.acquire()
                task = group.create_task(self._strikes(fault))
                task.add_done_callback(lambda _: places.release())

    async def _strikes(self, fault: Fault) -> None:
        tabs = self._crowd.of(fault.whom)
        struck = {tab.proxy for tab in tabs}
        # Always taken in the same order: nobody waits for whoever waits for them.
        ways = [way for way in self._ways if way in struck]
        async with AsyncExitStack() as held:
            for way in ways:
                await held.enter_async_context(self._ways[way])
            noted = asdict(fault) | {"at": self._now()}
            self.recoveries.log.append(noted)
            await befalls(fault, ways)
            noted["mended"] = self._now()
            wanted = self._crowd.witness.last_seq
            noted["recovered"] = dict(
                await asyncio.gather(*(self._recovers(fault, tab, wanted) for tab in tabs))
            )

    async def _recovers(self, fault: Fault, tab: AnyTab, wanted: int) -> tuple[str, float | None]:
        mended = time.monotonic()
        sort = "browser" if isinstance(tab, PageTab) else "protocol"
        try:
            await until(
                lambda: tab.connected and tab.last_seq >= wanted, RECOVERS_SECONDS, tab.name
            )
        except TimeoutError:
            how = f"connected {tab.connected}, at {tab.last_seq} instead of {wanted}"
            self.recoveries.never.append(f"{tab.name} from fault {fault.number}: {how}")
            return tab.name, None
        taken = time.monotonic() - mended
        self.recoveries.seconds[f"{fault.kind}/{sort}"].append(taken)
        return tab.name, round(taken, 2)

    def _now(self) -> float:
        return round(time.monotonic() - self._began, 2)


async def run(
    report: Report,
    browser: Browser,
    folder: Path,
    *,
    faults: int,
    seed: int,
    pages: int = 6,
    travellers: int = 18,
    pace: float = 3.0,
) -> None:
    """Let so many faults strike, and say what has become of everything."""
    name = f"{faults} random faults (seed {seed})"
    began = time.monotonic()
    async with AsyncExitStack() as stack:
        server = Server(folder)
        await server.start()
        stack.push_async_callback(server.stop)
        crowd = await Crowd.gathers(
            stack, server, browser, pages=pages, travellers=travellers, patience=PATIENCE, seed=seed
        )
        plan = Run(crowd, drawn(faults, seed, list(crowd.tabs), list(NAMES)))
        enough = asyncio.Event()
        async with asyncio.TaskGroup() as talking:
            for number, tab in enumerate(crowd.tabs.values()):
                talking.create_task(crowd.talks(tab, seed + number, pace, enough))
            await plan.goes()
            enough.set()
        verdict = await judged(crowd)
        recoveries = plan.recoveries
        verdict.add_to(report, name)
        never = recoveries.never
        report.add(
            f"{name}: tabs that needed more than {RECOVERS_SECONDS:.0f} s to recover",
            "0",
            str(len(never)),
            not never,
        )
        report.tell(
            name,
            f"{len(crowd.pages)} browser pages and {len(crowd.travellers)} protocol tabs of"
            f" {len(crowd.people)} people sent {verdict.sent} messages in"
            f" {time.monotonic() - began:.0f} s; {verdict.refused} were refused as answers to"
            f" deleted ones. Worst time to recover: {recoveries.worst('browser'):.1f} s in a"
            f" browser, {recoveries.worst('protocol'):.1f} s without one.\n\n{recoveries.table()}\n\n"
            + _numbers(recoveries.log),
        )
        if wrong := verdict.wrong | ({"never": never} if never else {}):
            _keep(f"random-faults-{seed}", crowd, wrong, recoveries.log)


def _numbers(log: list[dict[str, Any]]) -> str:
    counts = {kind: sum(each["kind"] == kind for each in log) for kind in KINDS}
    return "Faults: " + ", ".join(f"{count} {kind}" for kind, count in counts.items()) + "."


def _keep(name: str, crowd: Crowd, wrong: dict[str, Any], log: list[dict[str, Any]]) -> None:
    """What whoever looks for the cause needs to know."""
    consoles = {page.name: page.console[-300:] for page in crowd.pages}
    RESULTS.mkdir(exist_ok=True)
    found = {"wrong": wrong, "faults": log, "consoles": consoles}
    (RESULTS / f"{name}.json").write_text(json.dumps(found, indent=1, ensure_ascii=False))
    (RESULTS / f"{name}.server.log").write_text(crowd.server.output())
