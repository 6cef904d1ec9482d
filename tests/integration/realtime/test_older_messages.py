"""Messages that are no longer among the newest, which somebody has scrolled to."""

import asyncio

import pytest

from tests.kit.people import Account
from tests.kit.seen import WINDOW
from tests.kit.server import Server
from tests.kit.tab import ROOM_STATE, Tab, tab_of

OLD = 2
COUNT = WINDOW + 20


@pytest.fixture
async def trip(ana: Account, bo: Account) -> str:
    """A trip with more messages than a room holds; the last one answers an old one."""
    trip = await ana.makes_trip("Lisbon", bo)
    await ana.writes_all(trip, (f"message {number}" for number in range(1, COUNT)))
    await bo.writes(trip, "about that", reply_to_seq=OLD)
    return trip


async def scrolls_back(tab: Tab, trip: str) -> None:
    await tab.call(f"{ROOM_STATE}.load_page", trip_id=trip, before=COUNT - WINDOW + 1)
    await tab.until(lambda: OLD in tab.seen.messages)


def pages(tab: Tab) -> int:
    """How many pages of history have come."""
    return sum('"page_rx_state_"' in frame for frame in tab.frames)


async def test_every_change_of_them_is_followed(
    server: Server, ana: Account, bo: Account, trip: str
) -> None:
    async with tab_of(server, bo, f"/trip/{trip}") as tab:
        assert OLD not in tab.seen.messages
        await scrolls_back(tab, trip)
        await ana.edits(trip, OLD, "what I meant")
        await tab.until(lambda: tab.seen.at(OLD)["body"]["text"] == "what I meant")
        assert tab.seen.at(OLD)["edited_at"]
        assert tab.seen.at(COUNT)["quote"]["line"] == "what I meant"
        await bo.reacts(trip, OLD, "🎉")
        await tab.until(lambda: tab.seen.at(OLD)["reactions"])
        await ana.deletes(trip, OLD)
        await tab.until(lambda: tab.seen.at(OLD).get("deleted"))
        assert tab.seen.at(OLD)["body"] == {}
        assert tab.seen.at(OLD)["reactions"] == {}
        assert tab.seen.at(COUNT)["quote"]["deleted"]


async def test_who_has_not_scrolled_there_follows_what_is_quoted(
    server: Server, ana: Account, bo: Account, trip: str
) -> None:
    async with tab_of(server, bo, f"/trip/{trip}") as tab:
        assert tab.seen.at(COUNT)["quote"]["line"] == f"message {OLD}"
        await ana.edits(trip, OLD, "what I meant")
        await tab.until(lambda: tab.seen.at(COUNT)["quote"]["line"] == "what I meant")
        assert OLD not in tab.seen.messages


async def test_a_page_that_comes_after_a_change_does_not_undo_it(
    server: Server, ana: Account, bo: Account, trip: str
) -> None:
    async with tab_of(server, bo, f"/trip/{trip}") as tab:
        at_first = pages(tab)
        for number in range(1, 6):
            await asyncio.gather(scrolls_back(tab, trip), ana.edits(trip, OLD, f"edit {number}"))
            await tab.until(lambda: pages(tab) == at_first + number)  # noqa: B023
            await tab.until(lambda: tab.seen.at(OLD)["body"]["text"] == f"edit {number}")  # noqa: B023


async def test_more_changes_at_once_than_the_ring_holds_all_arrive(
    server: Server, ana: Account, bo: Account, trip: str
) -> None:
    async with tab_of(server, bo, f"/trip/{trip}") as tab:
        await scrolls_back(tab, trip)
        for seq in range(1, COUNT):
            await tab.reacts(trip, seq, "🎉")
        await tab.until(lambda: tab.seen.at(COUNT - 1)["reactions"])
        missed = [seq for seq in tab.seen.messages if not tab.seen.at(seq)["reactions"]]
        assert [seq for seq in missed if COUNT - WINDOW - 50 <= seq < COUNT] == []
