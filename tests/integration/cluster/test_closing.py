"""What is erased closes on whatever worker it is open: tabs, feeds, exports.

How soon is measured in `bench.cluster.closings`.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack

import httpx
import pytest

from tests.kit.feed import Feed
from tests.kit.people import PASSWORD, Account
from tests.kit.server import Server
from tests.kit.tab import ROOM_STATE, SESSION_STATE, Tab, tab_of

LARGE = 12 * 1024 * 1024
"""More than lies on the way to a reader who takes nothing."""


class Open:
    """All that Bo has open of a trip on one worker."""

    def __init__(self, tab: Tab, feed: Feed, export: httpx.Response) -> None:
        self.tab = tab
        self.feed = feed
        self.export = export
        self._pieces = export.aiter_raw()

    async def begins(self) -> None:
        """Take the beginning of the export, and no more."""
        assert await anext(self._pieces)

    async def export_breaks_off(self) -> None:
        """The export ends before it is whole."""
        with pytest.raises(httpx.RemoteProtocolError):
            async for _ in self._pieces:
                pass


@pytest.fixture
async def opened(
    workers: list[Server], ana: Account, bo: Account
) -> AsyncIterator[tuple[str, Open]]:
    """A trip of Ana's with a large file, which Bo has open on the other worker."""
    trip = await ana.makes_trip("Lisbon", bo)
    files = {"file": ("large.bin", os.urandom(LARGE))}
    answer = await bo.http.post(f"/api/trips/{trip}/attachments", files=files)
    upload = answer.raise_for_status().json()["attachment_id"]
    await bo.sends(trip, {"attachment_ids": [upload]})
    async with AsyncExitStack() as stack:
        tab = await stack.enter_async_context(tab_of(workers[1], bo, f"/trip/{trip}"))
        feed = await stack.enter_async_context(Feed(bo, trip, after=0))
        export = await stack.enter_async_context(
            bo.http.stream("GET", f"/api/trips/{trip}/export", timeout=30)
        )
        assert export.status_code == 200
        everything = Open(tab, feed, export)
        await everything.begins()
        yield trip, everything


async def soon(*waits: Callable[[], Awaitable[object]]) -> None:
    """All of this comes true, one after the other.

    What is read on comes last: sooner, it might be whole before the other worker hears of anything.
    """
    for wait in waits:
        await wait()


async def test_an_erased_trip(ana: Account, opened: tuple[str, Open]) -> None:
    trip, bos = opened

    answer = await ana.http.request("DELETE", f"/api/trips/{trip}", json={"title": "Lisbon"})
    assert answer.status_code == 204
    await soon(
        lambda: bos.tab.until(lambda: bos.tab.var(ROOM_STATE, "problem")),
        lambda: bos.tab.until(lambda: not bos.tab.trips.cards),
        lambda: bos.feed.until(lambda: bos.feed.ended),
        bos.export_breaks_off,
    )


async def test_an_erased_account(ana: Account, bo: Account, opened: tuple[str, Open]) -> None:
    trip, bos = opened

    async def erase() -> None:
        answer = await bo.http.request("DELETE", "/api/me", json={"password": PASSWORD})
        assert answer.status_code == 204

    # The password takes a moment; it counts from when it is right.
    await erase()
    await soon(
        lambda: bos.tab.until(lambda: bos.tab.closed),
        lambda: bos.feed.until(lambda: bos.feed.ended),
        bos.export_breaks_off,
    )
    assert bos.tab.var(SESSION_STATE, "user_id") == ""
    assert [message.get("deleted") for message in await ana.reads_all(trip)] == [True]


async def test_somebody_who_is_removed(ana: Account, bo: Account, opened: tuple[str, Open]) -> None:
    trip, bos = opened
    await ana.removes(trip, bo)
    await soon(
        lambda: bos.tab.until(lambda: bos.tab.var(ROOM_STATE, "problem") == "not-a-member"),
        lambda: bos.feed.until(lambda: bos.feed.ended),
        bos.export_breaks_off,
    )


async def test_what_others_see_of_somebody_who_is_gone(
    workers: list[Server], ana: Account, bo: Account
) -> None:
    trip = await ana.makes_trip("Lisbon", bo)
    for n in range(3):
        await bo.writes(trip, f"number {n}")
    sent = await ana.writes(trip, "mine")
    await bo.reacts(trip, sent["seq"], "👍")
    async with tab_of(workers[0], ana, f"/trip/{trip}") as here:
        assert here.texts == ["number 0", "number 1", "number 2", "mine"]
        answer = await bo.http.request("DELETE", "/api/me", json={"password": PASSWORD})
        assert answer.status_code == 204
        await soon(
            lambda: here.until(lambda: here.texts == [None, None, None, "mine"]),
            lambda: here.until(lambda: not here.seen.at(4)["reactions"].get(bo.user_id)),
            lambda: here.until(lambda: here.trips.members[bo.user_id]["name"] == "Former member"),
        )
