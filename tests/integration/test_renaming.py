"""Another name for a person, another description for a trip."""

from typing import Any

import pytest

from tests.integration.conftest import NewPerson, NewTrip, Say, Unchanged
from tripchat.errors import Invalid, NotAMember, NotFound
from tripchat.hub import Change, PersonRenamed, TripChanged
from tripchat.services import members, people, sessions, trips

FULL = {
    "title": "Winter",
    "destination": "Oslo",
    "starts_on": "2031-01-01",
    "ends_on": "2031-01-09",
    "time_zone": "Europe/Oslo",
}


async def test_a_person_is_renamed_wherever_they_are_or_were(
    ann: str, ben: str, trip_of: NewTrip, say: Say, heard: list[Change]
):
    trip, left, others = await trip_of(ann, ben), await trip_of(ann, ben), await trip_of(ben)
    await say(ben, trip, "c1")
    await members.leave(ben, left)
    token = await sessions.start(ben)
    heard.clear()
    renamed = await people.rename(ben, "  Benedikt  ")
    assert renamed == {"user_id": ben, "name": "Benedikt", "email": "ben@example.org"}
    [change] = heard
    assert isinstance(change, PersonRenamed)
    assert (change.user_id, change.name) == (ben, "Benedikt")
    assert sorted(change.trip_ids) == sorted([trip, left, others])
    for trip_id in (trip, left):
        names = {each["user_id"]: each["name"] for each in await members.members(trip_id)}
        assert names == {ann: "Ann", ben: "Benedikt"}
    cards = {card["trip_id"]: card["last_author"] for card in await trips.mine(ann)}
    assert cards[trip] == "Benedikt"
    identity = await sessions.identify(token)
    assert identity is not None
    assert identity.name == "Benedikt"


@pytest.mark.parametrize("name", ["", "  ", "x" * 61, "a\nb", "\u202eevil", None, 5, ["Ann"]])
async def test_a_refused_name(ann: str, trip_of: NewTrip, unchanged: Unchanged, name: Any):
    await trip_of(ann)
    async with unchanged():
        with pytest.raises(Invalid) as raised:
            await people.rename(ann, name)
        assert raised.value.field == "name"


async def test_an_organiser_describes_a_trip_anew(
    ann: str, ben: str, trip_of: NewTrip, heard: list[Change]
):
    trip = await trip_of(ann, ben)
    heard.clear()
    changed = await trips.change(ann, trip, **FULL)
    assert heard == [TripChanged(trip)]
    assert changed == await trips.get(ann, trip)
    assert FULL.items() <= changed.items()
    assert FULL.items() <= (await trips.describe(trip)).items()
    assert FULL.items() <= (await trips.mine(ben))[0].items()
    await trips.change(ann, trip, "Only a title")
    bare = dict.fromkeys(FULL) | {"title": "Only a title"}
    assert bare.items() <= (await trips.get(ben, trip)).items()


async def test_who_may_not(
    ann: str, ben: str, person: NewPerson, trip_of: NewTrip, unchanged: Unchanged
):
    trip, stranger = await trip_of(ann, ben), await person("Stranger")
    async with unchanged():
        for who in (ben, stranger):
            with pytest.raises(NotAMember):
                await trips.change(who, trip, **FULL)
        unknown: list[Any] = ["nosuchtrip12", "", "\0", None, 5, [trip], {"id": trip}]
        for trip_id in unknown:
            with pytest.raises(NotFound):
                await trips.change(ann, trip_id, **FULL)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        *(({"title": title}, "title") for title in ("", "x" * 101, "a\tb", None, 7, ["T"])),
        *(({"destination": where}, "destination") for where in ("x" * 101, "a\nb", 7, ["O"])),
        *(({"starts_on": day}, "starts_on") for day in ("soon", "2031-02-30", 20310101, [])),
        *(({"ends_on": day}, "ends_on") for day in ("2030-12-31", "x", {})),
        *(({"time_zone": zone}, "time_zone") for zone in ("Oslo", "../etc/passwd", 1, ["UTC"])),
    ],
    ids=str,
)
async def test_a_refused_description_names_the_field(
    ann: str, trip_of: NewTrip, unchanged: Unchanged, given: dict[str, Any], field: str
):
    trip = await trip_of(ann)
    async with unchanged():
        with pytest.raises(Invalid) as raised:
            await trips.change(ann, trip, **{**FULL, **given})
        assert raised.value.field == field
