"""Who is named in a message, and how often one is named in what one has not read."""

import secrets
from typing import Any

import pytest

from tests.integration.conftest import NewPerson, NewTrip, Say, Unchanged, dump
from tripchat.errors import Invalid
from tripchat.hub import Change, MessageChanged
from tripchat.services import editing, members, messages, people, reading, trips
from tripchat.views import Sent


async def mentions(user_id: str, trip_id: str, text: str, ids: list[str] | None = None) -> Sent:
    """Send a text that names people; without ids it is the text that names them."""
    body = {"text": text} | ({} if ids is None else {"mentions": ids})
    return await messages.send(user_id, trip_id, secrets.token_hex(8), body=body)


async def stored() -> set[tuple[str, str, int]]:
    """All rows of `mention`."""
    return {(row.trip_id, row.user_id, row.seq) for row in (await dump())["mention"]}


async def test_whom_a_text_names(ann: str, ben: str, person: NewPerson, trip_of: NewTrip):
    lee = await person("Ann Lee")
    trip = await trip_of(ann, ben, lee)
    first = await mentions(ben, trip, "@Ann Lee and @ben: mail ann@ben, not @Anna")
    assert first.message["body"]["mentions"] == [lee, ben]
    assert await stored() == {(trip, lee, 1), (trip, ben, 1)}
    second = await mentions(ben, trip, "@Ann and @ann, twice")
    assert second.message["body"]["mentions"] == [ann]
    nobody = await mentions(ben, trip, "@nobody")
    assert "mentions" not in nobody.message["body"]
    assert await messages.changed(trip, 0) == [
        first.message,
        second.message,
        nobody.message,
    ]


async def test_of_two_with_one_name_the_ids_say_who_is_meant(
    ann: str, person: NewPerson, trip_of: NewTrip
):
    sam, other = await person("Sam"), (await person("Other"))
    trip = await trip_of(ann, sam, other)
    await people.rename(other, "Sam")
    both = await mentions(ann, trip, "Which @Sam?")
    assert set(both.message["body"]["mentions"]) == {sam, other}
    one = await mentions(ann, trip, "That @Sam!", [other])
    assert one.message["body"]["mentions"] == [other]
    edited = await editing.edit(ann, trip, 2, {"text": "That @Sam over there!"})
    assert edited["body"]["mentions"] == [other]


async def test_who_is_given_and_not_in_the_text_is_not_named(ann: str, ben: str, trip_of: NewTrip):
    trip = await trip_of(ann, ben)
    sent = await mentions(ann, trip, "hi @Ann", [ben])
    assert "mentions" not in sent.message["body"]
    sent = await mentions(ann, trip, "no @Ben", [])
    assert "mentions" not in sent.message["body"]
    assert await stored() == set()


@pytest.mark.parametrize(
    "given",
    [
        *("ben", {"ben": 1}, 5, True, [5], [None], [["ben"]], [""], ["a b"], ["x" * 100]),
        *(["nobody_here1"], ["nobody"] * 101),
    ],
    ids=lambda given: str(given)[:20],
)
@pytest.mark.parametrize("text", ["hello @Ann", "hello"])
async def test_refused_mentions(
    ann: str, trip_of: NewTrip, say: Say, unchanged: Unchanged, given: Any, text: str
):
    trip = await trip_of(ann)
    await say(ann, trip, "c1")
    async with unchanged():
        for call in (mentions(ann, trip, text, given), change(ann, trip, text, given)):
            with pytest.raises(Invalid) as raised:
                await call
            assert raised.value.field == "mentions"


async def change(user_id: str, trip_id: str, text: str, ids: list[str]) -> None:
    await editing.edit(user_id, trip_id, 1, {"text": text, "mentions": ids})


async def test_who_is_not_or_no_longer_in_the_trip_is_not_named(
    ann: str, ben: str, person: NewPerson, trip_of: NewTrip, say: Say, unchanged: Unchanged
):
    cleo = await person("Cleo")
    trip = await trip_of(ann, cleo)
    await trip_of(ann, ben)
    await say(ann, trip, "c1")
    await members.leave(cleo, trip)
    async with unchanged():
        for other in (ben, cleo):
            for call in (
                mentions(ann, trip, "@Ben @Cleo", [ann, other]),
                change(ann, trip, "@Ben @Cleo", [other]),
            ):
                with pytest.raises(Invalid):
                    await call
    sent = await mentions(ann, trip, "@Ben and @Cleo")
    assert "mentions" not in sent.message["body"]
    assert await stored() == set()


async def test_a_mention_keeps_the_name_that_was_written(
    ann: str, ben: str, trip_of: NewTrip, heard: list[Change]
):
    trip = await trip_of(ann, ben)
    sent = (await mentions(ann, trip, "hi @Ben")).message
    await people.rename(ben, "Benjamin")
    assert await messages.changed(trip, 0) == [sent]
    heard.clear()
    for body in ({"text": "hello @Ben"}, {"text": "*hello* @Ben", "mentions": [ben]}):
        edited = await editing.edit(ann, trip, 1, body)
        assert edited["body"]["mentions"] == [ben]
        assert f'data-user-id="{ben}"' in edited["body"]["html"]
        assert heard.pop() == MessageChanged(trip, edited, frozenset({ben}))
    await members.leave(ben, trip)
    edited = await editing.edit(ann, trip, 1, {"text": "**@Ben**!", "mentions": [ben]})
    assert edited["body"]["mentions"] == [ben]


async def test_an_edit_names_others(ann: str, ben: str, trip_of: NewTrip, heard: list[Change]):
    trip = await trip_of(ann, ben)
    await mentions(ann, trip, "hi @Ben")
    heard.clear()
    edited = await editing.edit(ann, trip, 1, {"text": "hi @Ann"})
    assert heard == [MessageChanged(trip, edited, frozenset({ben}))]
    assert await stored() == {(trip, ann, 1)}
    edited = await editing.edit(ann, trip, 1, {"text": "hi"})
    assert heard[1:] == [MessageChanged(trip, edited, frozenset({ann}))]
    assert await stored() == set()


async def test_unread_mentions_are_counted(ann: str, ben: str, trip_of: NewTrip, say: Say):
    trip, other = await trip_of(ann, ben), await trip_of(ann, ben)

    async def counted() -> int:
        cards = {card["trip_id"]: card["mentions"] for card in await trips.mine(ben)}
        assert cards[other] == 1
        assert cards[trip] == await reading.unread_mentions(ben, trip)
        return cards[trip]

    await mentions(ann, other, "@Ben, elsewhere")
    await say(ann, trip, "c1", "nobody")
    assert await counted() == 0
    await mentions(ann, trip, "@Ben @ben once")
    await mentions(ann, trip, "@Ben again")
    await mentions(ann, trip, "@Ann only")
    assert await counted() == 2
    await reading.mark_read(ben, trip, 2)
    assert await counted() == 1
    await editing.edit(ann, trip, 3, {"text": "not you"})
    assert await counted() == 0
    await editing.edit(ann, trip, 4, {"text": "but @Ben"})
    assert await counted() == 1
    await editing.edit(ann, trip, 1, {"text": "@Ben, too late"})
    assert await counted() == 1
    await editing.remove(ann, trip, 4)
    assert await counted() == 0


async def test_a_mention_in_a_trip_of_many(ann: str, person: NewPerson, trip_of: NewTrip):
    many = [await person(f"P{n}") for n in range(30)]
    trip = await trip_of(ann, *many)
    sent = await mentions(ann, trip, " ".join(f"@P{n}" for n in reversed(range(30))))
    assert sent.message["body"]["mentions"] == many[::-1]
    assert len(await stored()) == 30
