"""Reacting to a message."""

import asyncio

import pytest

from tests.integration.conftest import NewPerson, NewTrip, Say, Unchanged
from tripchat.errors import Conflict, Invalid
from tripchat.hub import Change, Reacted
from tripchat.services import messages, reactions
from tripchat.services.reactions import react, unreact

SEVERAL = [chr(0x1F600 + n) for n in range(21)]  # 😀 😁 😂 …


async def reacted(trip_id: str) -> dict[str, set[str]]:
    """Who has reacted to the first message, by emoji."""
    _, [message] = await messages.window(trip_id, 1)
    found: dict[str, set[str]] = {}
    for user_id, mine in message.get("reactions", {}).items():
        for emoji in mine:
            found.setdefault(emoji, set()).add(user_id)
    return found


@pytest.fixture
async def trip(ann: str, ben: str, trip_of: NewTrip, say: Say) -> str:
    """A trip of Ann and Ben with one message."""
    trip_id = await trip_of(ann, ben)
    await say(ann, trip_id, "c1")
    return trip_id


async def test_a_reaction_comes_and_goes(ann: str, ben: str, trip: str, heard: list[Change]):
    heard.clear()
    await react(ben, trip, 1, "👍")
    await react(ben, trip, 1, "🎉")
    seen = await react(ann, trip, 1, "👍")
    assert seen.get("reactions") == {ben: {"👍": 2, "🎉": 3}, ann: {"👍": 4}}
    assert await messages.window(trip, 1) == (4, [seen])
    await unreact(ben, trip, 1, "👍")
    await unreact(ben, trip, 1, "🎉")
    assert await reacted(trip) == {"👍": {ann}}
    assert heard == [
        Reacted(trip, 1, 2, ben, "👍", there=True),
        Reacted(trip, 1, 3, ben, "🎉", there=True),
        Reacted(trip, 1, 4, ann, "👍", there=True),
        Reacted(trip, 1, 5, ben, "👍", there=False),
        Reacted(trip, 1, 6, ben, "🎉", there=False),
    ]
    assert "reactions" not in await unreact(ann, trip, 1, "👍")


async def test_again_does_nothing(ann: str, ben: str, trip: str, unchanged: Unchanged):
    await react(ann, trip, 1, "❤️")
    async with unchanged():
        for same in ("❤️", "❤"):
            await react(ann, trip, 1, same)
        for absent in ("👍", "❤️"):
            await unreact(ben, trip, 1, absent)


async def test_all_who_react_at_once_count(
    person: NewPerson, trip_of: NewTrip, say: Say, heard: list[Change]
):
    people = [await person(f"P{n}") for n in range(12)]
    trip = await trip_of(*people)
    await say(people[0], trip, "c1")
    heard.clear()
    await asyncio.gather(*(react(one, trip, 1, emoji) for one in people for emoji in ("👍", "❤")))
    assert await reacted(trip) == {"👍": set(people), "❤️": set(people)}
    told = [change for change in heard if isinstance(change, Reacted)]
    assert sorted(change.rev for change in told) == list(range(2, 26))
    assert {(change.user_id, change.emoji) for change in told} == {
        (one, emoji) for one in people for emoji in ("👍", "❤️")
    }
    await asyncio.gather(*(unreact(one, trip, 1, "👍") for one in people))
    assert await reacted(trip) == {"❤️": set(people)}


async def test_the_same_click_from_two_devices_counts_once(
    ann: str, trip: str, heard: list[Change]
):
    heard.clear()
    await asyncio.gather(*(react(ann, trip, 1, "👍") for _ in range(5)))
    assert await reacted(trip) == {"👍": {ann}}
    assert len(heard) == 1
    await asyncio.gather(*(unreact(ann, trip, 1, "👍") for _ in range(5)))
    assert await reacted(trip) == {}
    assert len(heard) == 2


async def test_at_most_20_different(ann: str, ben: str, trip: str, unchanged: Unchanged):
    for n, emoji in enumerate(SEVERAL[:20]):
        await react((ann, ben)[n % 2], trip, 1, emoji)
    async with unchanged():
        for one in (ann, ben):
            with pytest.raises(Conflict, match="20"):
                await react(one, trip, 1, SEVERAL[20])
    await react(ben, trip, 1, SEVERAL[0])
    await unreact(ann, trip, 1, SEVERAL[0])
    with pytest.raises(Conflict):
        await react(ann, trip, 1, SEVERAL[20])
    await unreact(ben, trip, 1, SEVERAL[0])
    await react(ann, trip, 1, SEVERAL[20])
    assert set(await reacted(trip)) == set(SEVERAL[1:])


async def test_of_two_at_once_only_one_is_the_20th(ann: str, ben: str, trip: str):
    for emoji in SEVERAL[:19]:
        await react(ann, trip, 1, emoji)
    outcomes = await asyncio.gather(
        react(ann, trip, 1, SEVERAL[19]), react(ben, trip, 1, SEVERAL[20]), return_exceptions=True
    )
    assert sorted(isinstance(outcome, Conflict) for outcome in outcomes) == [False, True]
    assert len(await reacted(trip)) == 20


@pytest.mark.parametrize("emoji", ["", "a", "👍👍", "👍a", None, 5, ["👍"], {"👍": 1}])
async def test_what_is_no_emoji_is_refused(ann: str, trip: str, unchanged: Unchanged, emoji: str):
    async with unchanged():
        for change in (reactions.react, reactions.unreact):
            with pytest.raises(Invalid) as raised:
                await change(ann, trip, 1, emoji)
            assert raised.value.field == "emoji"
