"""What has become of all that was written, and whether every tab shows it."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from tests.faults.crowd import PROBE, AnyTab, Crowd
from tests.faults.report import Report
from tests.faults.traveller import Traveller, fresh, shown_by
from tests.kit.server import Site

AGREES_SECONDS = 20
"""All tabs together."""
LOOKS_EVERY_SECONDS = 0.5
LOOKS_AT_LEAST = 4


@dataclass
class Verdict:
    """Everything that is wrong, by name; all of it should be empty."""

    sent: int = 0
    refused: int = 0
    """Answers to messages that were deleted meanwhile: those have no place any more."""
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    disordered: list[str] = field(default_factory=list)
    differing: dict[str, str] = field(default_factory=dict)
    """Tab -> how it differs from one that has just been opened."""
    stuck: list[str] = field(default_factory=list)
    """Tabs that never had sent and seen all."""
    violations: list[str] = field(default_factory=list)
    """What a tab has shown at some moment, and should not have."""
    complaints: list[str] = field(default_factory=list)
    """Errors in the server's log."""

    def add_to(self, report: Report, after: str) -> None:
        """Say how many of each there are."""
        for shown, found in {
            "messages lost": self.lost,
            "messages stored twice": self.doubled,
            "messages out of order": self.disordered,
            "moments at which a tab showed something twice or out of order": self.violations,
            "tabs that did not come to rest": self.stuck,
            "tabs that differ from a fresh one": self.differing,
            "errors in the server's log": self.complaints,
        }.items():
            report.add(f"{after}: {shown}", "0", str(len(found)), not found)

    def takes(self, other: Verdict) -> None:
        """Add what was found elsewhere."""
        for name, found in vars(other).items():
            mine = getattr(self, name)
            setattr(self, name, mine | found if isinstance(mine, dict) else mine + found)

    @property
    def wrong(self) -> dict[str, Any]:
        """All that is wrong, for whoever looks for the cause."""
        found = {name: value for name, value in vars(self).items() if value}
        return {name: value for name, value in found.items() if not isinstance(value, int)}


async def judged(crowd: Crowd) -> Verdict:
    """Wait until everything has come to rest, and look at it."""
    verdict = Verdict(stuck=await crowd.settles())
    stored = await crowd.people[0].reads_all(crowd.trip_id)
    judge_storage(verdict, list(crowd.tabs.values()), stored)
    for tab in crowd.tabs.values():
        verdict.violations += [f"{tab.name}: {violation}" for violation in tab.violations]
    verdict.differing = await _differing(crowd)
    verdict.complaints = crowd.server.complaints()
    return verdict


def judge_storage(verdict: Verdict, tabs: list[AnyTab], stored: list[dict[str, Any]]) -> None:
    """Look for what is missing, too much, or in the wrong place among all stored messages."""
    places: dict[str, list[int]] = {}
    for message in stored:
        places.setdefault(message["client_id"], []).append(message["seq"])
    verdict.sent = sum(len(tab.written) for tab in tabs)
    verdict.refused = sum(len(tab.refused) for tab in tabs)
    written = {client_id for tab in tabs for client_id in tab.written}
    doubtful = {text for tab in tabs for text in tab.doubtful}
    for tab in tabs:
        _judge_tab(verdict, tab, places)
    for message in stored:
        client_id, text = message["client_id"], message.get("text")
        if not (client_id in written or client_id.startswith(PROBE) or text in doubtful):
            verdict.doubled.append(f"nobody wrote {message['seq']}: {text}")
    texts = Counter(m["text"] for m in stored if "text" in m and "edited_at" not in m)
    verdict.doubled += [f"{text!r} stands there {n} times" for text, n in texts.items() if n > 1]


def _judge_tab(verdict: Verdict, tab: AnyTab, places: dict[str, list[int]]) -> None:
    newest = 0
    for number, client_id in enumerate(tab.written, 1):
        seqs = places.get(client_id, [])
        name = f"number {number} of {tab.name}, {client_id}"
        if client_id in tab.refused:
            if seqs:
                verdict.doubled.append(f"{name} was refused and is stored")
            continue
        if not seqs:
            verdict.lost.append(name)
            continue
        if len(seqs) > 1:
            verdict.doubled.append(f"{name} is stored at {seqs}")
        if seqs[0] < newest:
            verdict.disordered.append(f"{name} is stored at {seqs[0]}, the one before at {newest}")
        newest = max(newest, seqs[0])


async def _differing(crowd: Crowd) -> dict[str, str]:
    differing: dict[str, str] = {}
    end = asyncio.get_running_loop().time() + AGREES_SECONDS
    for person in crowd.people:
        fresh_tab = None
        for tab in crowd.of(person.name):
            if isinstance(tab, Traveller):
                fresh_tab = fresh_tab or await fresh(crowd.server, tab)
                found = await _persistent(crowd.server, tab, fresh_tab, end)
            else:
                afresh = await tab.fresh(crowd.server.url)
                found = await _persistent(crowd.server, tab, afresh, end)
                await afresh.closes()
            if found:
                differing[tab.name] = found
        if fresh_tab is not None:
            await fresh_tab.close()
    return differing


async def _persistent(server: Site, tab: AnyTab, afresh: Any, end: float) -> str:
    """How a tab goes on to differ from one that has just been opened; empty if it does not."""
    looks = 0
    while found := await difference(server, tab, afresh):
        looks += 1
        if looks > LOOKS_AT_LEAST and asyncio.get_running_loop().time() > end:
            break
        await asyncio.sleep(LOOKS_EVERY_SECONDS)
    return found


async def difference(server: Site, tab: AnyTab, afresh: Any) -> str:
    """How a tab differs at this moment from one that has just been opened; empty if it does not."""
    if isinstance(tab, Traveller):
        await tab.opens_details(afresh)
        if not tab.connected:
            return "it is not connected"
        shown = tab.shown()
        wanted = shown_by(afresh, shown, tab.account.user_id, server.killed_at)
        return first_difference(shown, wanted)
    return first_difference(await tab.shown(), await afresh.shown())


def first_difference(one: Any, other: Any, place: str = "") -> str:
    """Where two values differ first, and how; empty when they are equal."""
    if isinstance(one, dict) and isinstance(other, dict):
        for name in sorted(one.keys() | other.keys(), key=str):
            if found := first_difference(one.get(name), other.get(name), f"{place}.{name}"):
                return found
        return ""
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for number, pair in enumerate(zip(one, other, strict=True)):
            if found := first_difference(*pair, f"{place}[{number}]"):
                return found
        return ""
    return "" if one == other else f"{place}: {one!r}, afresh {other!r}"
