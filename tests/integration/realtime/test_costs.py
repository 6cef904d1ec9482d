"""What each thing that happens costs a tab, in bytes."""

from tests.kit.people import Account
from tests.kit.server import Server
from tests.kit.tab import Tab, tab_of

MESSAGE, REACTION, PRESENCE, SUMMARY = 600, 700, 200, 500

TONES = "🏻🏼🏽🏾🏿"
EMOJI = [f"👨{one}\u200d❤️\u200d💋\u200d👨{other}" for one in TONES for other in TONES][:20]
"""As many as may stand under one message, of the longest there are."""


def received(tab: Tab, since: int) -> int:
    """The bytes of all frames after the first `since`."""
    return sum(len(frame.encode()) for frame in tab.frames[since:])


async def test_a_message_of_120_characters(server: Server, ana: Account, bo: Account) -> None:
    trip = await ana.makes_trip("Lisbon", bo)
    async with (
        tab_of(server, ana, f"/trip/{trip}") as writing,
        tab_of(server, bo, f"/trip/{trip}") as tab,
    ):
        await tab.until(lambda: len(tab.online) == 2)
        for number in range(1, 11):
            before = len(tab.frames)
            await writing.sends(trip, f"{number}".ljust(120, "x"))
            await tab.until(lambda: tab.last_seq == number)  # noqa: B023
            assert received(tab, before) <= MESSAGE


async def test_a_reaction(server: Server, ana: Account, bo: Account) -> None:
    trip = await ana.makes_trip("Lisbon", bo)
    await ana.writes(trip, "shall we?")
    async with tab_of(server, bo, f"/trip/{trip}") as tab:
        for number, emoji in enumerate(EMOJI, 1):
            before = len(tab.frames)
            await ana.reacts(trip, 1, emoji)
            await tab.until(
                lambda: len(tab.seen.at(1)["reactions"].get(ana.user_id, ())) == number  # noqa: B023
            )
            assert received(tab, before) <= REACTION


async def test_somebody_who_comes_and_goes(server: Server, ana: Account, bo: Account) -> None:
    trip = await ana.makes_trip("Lisbon", bo)
    async with tab_of(server, ana, f"/trip/{trip}") as tab:
        before = len(tab.frames)
        coming = await tab_of(server, bo, f"/trip/{trip}").open()
        await tab.until(lambda: bo.user_id in tab.online)
        assert received(tab, before) <= PRESENCE
        before = len(tab.frames)
        await coming.close()
        await tab.until(lambda: bo.user_id not in tab.online)
        assert received(tab, before) <= PRESENCE


async def test_other_trips_cost_their_line_in_the_list_and_nothing_else(
    server: Server, ana: Account, bo: Account
) -> None:
    """Ben looks at one trip; in another of his, all that can happen does, and one is not his."""
    open_trip = await bo.makes_trip("Oslo")
    other, foreign = await ana.makes_trip("Lisbon", bo), await ana.makes_trip("Rome")
    async with (
        tab_of(server, bo, f"/trip/{open_trip}") as tab,
        tab_of(server, ana, f"/trip/{other}") as acting,
    ):
        before = len(tab.frames)
        await ana.writes(other, "first")
        await tab.until(lambda: tab.trips.cards[other]["last_seq"] == 1)
        assert received(tab, before) <= SUMMARY
        await ana.writes(other, "second")
        await tab.until(lambda: tab.trips.cards[other]["last_seq"] == 2)

        before = len(tab.frames)
        await acting.types()
        await ana.reacts(other, 1, "🎉")
        await ana.edits(other, 1, "not the newest")
        await ana.deletes(other, 1)
        async with tab_of(server, ana, f"/trip/{other}") as coming:
            await coming.marks_read(other, 2)
        await ana.writes(foreign, "not for him")
        await ana.renames(foreign, "Not his")
        await ana.reacts(foreign, 1, "🎉")
        # Something of his own shows that nothing of all this is still on its way.
        await tab.sends(open_trip, "mine")
        await tab.until(lambda: tab.texts == ["mine"])
        assert not any(other in frame for frame in tab.frames[before:])
        assert not any(foreign in frame for frame in tab.frames)
