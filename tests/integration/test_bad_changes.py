"""Changes that are refused: nothing is stored, and nobody hears of them."""

from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from tests.integration.conftest import NewPerson, NewTrip, Say, Unchanged
from tripchat.errors import Conflict, Invalid, NotAMember, NotFound, Refused
from tripchat.services import editing, members, messages, reactions, reading

Call = Callable[[str, Any, Any], Coroutine[Any, Any, Any]]

CHANGES: dict[str, Call] = {
    "edit": lambda who, trip, seq: editing.edit(who, trip, seq, {"text": "new @Ann"}),
    "delete": editing.remove,
    "versions": editing.versions,
    "react": lambda who, trip, seq: reactions.react(who, trip, seq, "👍"),
    "unreact": lambda who, trip, seq: reactions.unreact(who, trip, seq, "🎉"),
}
"""What names a message by its number."""


def reply(who: str, trip: Any, seq: Any) -> Coroutine[Any, Any, Any]:
    return messages.send(who, trip, "reply", body={"text": "re"}, reply_to_seq=seq)


ALL = CHANGES | {"reply": reply, "read": reading.mark_read}

NO_NUMBERS: list[Any] = [True, 1.0, float("nan"), "1", "", [1], [], {"seq": 1}, {}, b"1"]
OUT_OF_RANGE = [-1, -(10**30), 2**53, 2**63, 2**64, 10**400]
NO_TRIPS: list[Any] = [None, True, 5, 1.5, "", " ", "a/b", "\0", "é", "x" * 10**6, ["x"], {"id": 1}]


async def refusal(call: Coroutine[Any, Any, Any]) -> Refused:
    """Why a call is refused."""
    with pytest.raises(Refused) as raised:
        await call
    return raised.value


@pytest.fixture
async def trip(ann: str, ben: str, trip_of: NewTrip, say: Say) -> str:
    """A trip of Ann and Ben with one message of Ann's, which Ben likes."""
    trip_id = await trip_of(ann, ben)
    await say(ann, trip_id, "c1")
    await reactions.react(ben, trip_id, 1, "🎉")
    return trip_id


async def test_an_unknown_message(ann: str, trip: str, unchanged: Unchanged):
    async with unchanged():
        for seq in (2, 99, 2**53 - 1):
            for call in CHANGES.values():
                assert type(await refusal(call(ann, trip, seq))) is NotFound
            refused = await refusal(reply(ann, trip, seq))
            assert (type(refused), refused.field) == (Invalid, "reply_to_seq")


async def test_a_message_of_another_trip(
    ann: str, ben: str, trip: str, trip_of: NewTrip, say: Say, unchanged: Unchanged
):
    other = await trip_of(ann)
    for n in range(3):
        await say(ann, other, f"c{n}")
    async with unchanged():
        for name, call in ALL.items():
            if name != "read":  # a marker beyond the end stops at the end
                assert isinstance(await refusal(call(ann, trip, 3)), NotFound | Invalid)
            assert type(await refusal(call(ben, other, 1))) is NotAMember


@pytest.mark.parametrize("name", ALL)
async def test_a_number_of_any_type(ann: str, trip: str, unchanged: Unchanged, name: str):
    field = "reply_to_seq" if name == "reply" else "seq"
    none = [] if name == "reply" else [None]
    zero = [] if name == "read" else [0]
    async with unchanged():
        for seq in [*none, *zero, *NO_NUMBERS, *OUT_OF_RANGE]:
            refused = await refusal(ALL[name](ann, trip, seq))
            assert (type(refused), refused.field) == (Invalid, field), seq


@pytest.mark.parametrize("name", ALL)
async def test_a_trip_of_any_type(ann: str, trip: str, unchanged: Unchanged, name: str):
    async with unchanged():
        for unknown in [*NO_TRIPS, [trip], "nosuchtrip12"]:
            assert type(await refusal(ALL[name](ann, unknown, 1))) is NotFound, unknown


async def test_who_is_not_or_no_longer_a_member(
    ann: str, ben: str, person: NewPerson, trip: str, say: Say, unchanged: Unchanged
):
    await say(ben, trip, "bens")
    stranger = await person("Stranger")
    await members.leave(ben, trip)
    async with unchanged():
        for who in (ben, stranger, "nobody", ""):
            for call in ALL.values():
                for seq in (1, 2, 99):
                    assert type(await refusal(call(who, trip, seq))) is NotAMember


async def test_a_deleted_message(ann: str, ben: str, trip: str, unchanged: Unchanged):
    await editing.remove(ann, trip, 1)
    async with unchanged():
        for who in (ann, ben):
            for name in ("edit", "react", "unreact"):
                refused = await refusal(CHANGES[name](who, trip, 1))
                if name == "edit" and who == ben:
                    assert type(refused) is NotAMember
                    continue
                assert isinstance(refused, Conflict)
                assert "deleted" in refused.detail
        refused = await refusal(reply(ben, trip, 1))
        assert (type(refused), refused.field) == (Invalid, "reply_to_seq")
        assert "deleted" in refused.detail
        assert await editing.versions(ben, trip, 1) == []


async def test_somebody_elses_message(ann: str, ben: str, trip: str, unchanged: Unchanged):
    async with unchanged():
        for name in ("edit", "delete"):
            assert type(await refusal(CHANGES[name](ben, trip, 1))) is NotAMember


@pytest.mark.parametrize(
    ("body", "field"),
    [
        *((body, "body") for body in (None, "text", 5, True, [], [{"text": "hi"}])),
        *((body, "text") for body in ({}, {"text": None}, {"text": 5}, {"text": ["hi"]})),
        *(
            ({"text": text}, "text")
            for text in ("", " \n ", "\u200b", "\x07", "\ud83d", "x" * 4001)
        ),
        *(({"text": "hi", "mentions": ids}, "mentions") for ids in ("x", {}, ["nobody"], [None])),
    ],
    ids=lambda value: str(value)[:30].encode("ascii", "replace").decode(),
)
async def test_a_refused_body_names_the_field(
    ann: str, trip: str, unchanged: Unchanged, body: Any, field: str
):
    async with unchanged():
        for call in (
            editing.edit(ann, trip, 1, body),
            messages.send(ann, trip, "c2", body=body),
        ):
            refused = await refusal(call)
            assert (type(refused), refused.field) == (Invalid, field)
