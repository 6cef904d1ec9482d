"""Reactions as tabs see them come and go."""

import asyncio

from tests.kit.people import Account
from tests.kit.server import Server
from tests.kit.tab import Tab, tab_of


def reactions(tab: Tab, seq: int) -> dict[str, set[str]]:
    """User id -> emoji, of a message that the tab knows."""
    return {user: set(emojis) for user, emojis in tab.seen.at(seq)["reactions"].items()}


async def test_two_people_who_react_at_once_both_count(
    server: Server, ana: Account, bo: Account
) -> None:
    trip = await ana.makes_trip("Lisbon", bo)
    await ana.writes(trip, "shall we?")
    async with (
        tab_of(server, ana, f"/trip/{trip}") as one,
        tab_of(server, bo, f"/trip/{trip}") as two,
    ):
        for emoji in ("🎉", "👍"):
            await asyncio.gather(one.reacts(trip, 1, emoji), two.reacts(trip, 1, emoji))
        both = {ana.user_id: {"🎉", "👍"}, bo.user_id: {"🎉", "👍"}}
        for tab in (one, two):
            await tab.until(lambda: reactions(tab, 1) == both)  # noqa: B023


async def test_the_answer_says_with_which_change_it_was_done_or_what_was_in_the_way(
    server: Server, ana: Account
) -> None:
    trip = await ana.makes_trip("Lisbon")
    await ana.writes(trip, "shall we?")
    async with tab_of(server, ana, f"/trip/{trip}") as tab:
        done = await tab.reacts(trip, 1, "🎉")
        await tab.until(lambda: tab.seen.at(1)["reactions"])
        assert await tab.answer_to(done) == {"client_id": done, "rev": tab.seen.at(1)["rev"]}
        await ana.deletes(trip, 1)
        refused = await tab.answer_to(await tab.reacts(trip, 1, "🎉"))
        assert "deleted" in refused["problem"]


async def test_a_reaction_that_is_taken_back_is_gone_everywhere(
    server: Server, ana: Account, bo: Account
) -> None:
    trip = await ana.makes_trip("Lisbon", bo)
    await ana.writes(trip, "shall we?")
    async with (
        tab_of(server, ana, f"/trip/{trip}") as one,
        tab_of(server, bo, f"/trip/{trip}") as two,
    ):
        await bo.reacts(trip, 1, "🎉")
        await one.until(lambda: reactions(one, 1) == {bo.user_id: {"🎉"}})
        await two.reacts(trip, 1, "🎉", there=False)
        for tab in (one, two):
            await tab.until(lambda: not reactions(tab, 1))  # noqa: B023
