import pytest

from tests.integration.conftest import NewPerson, NewTrip, Say
from tripchat.errors import Invalid, NotAMember, NotFound
from tripchat.hub import Change, TripsChanged
from tripchat.services import trips


async def test_a_trip_has_its_maker_as_organiser(ann: str, heard: list[Change]):
    trip = await trips.create(
        ann, " Summer ", "Lisbon", "2030-06-21", "2030-06-28", "Europe/Lisbon"
    )
    assert trip == {
        "trip_id": trip["trip_id"],
        "title": "Summer",
        "destination": "Lisbon",
        "starts_on": "2030-06-21",
        "ends_on": "2030-06-28",
        "time_zone": "Europe/Lisbon",
        "last_seq": 0,
        "role": "organiser",
        "read_seq": 0,
    }
    assert await trips.get(ann, trip["trip_id"]) == trip
    assert heard == [TripsChanged(ann)]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"title": ""}, "title"),
        ({"title": "x" * 101}, "title"),
        ({"title": 5}, "title"),
        ({"title": "T", "destination": "a\nb"}, "destination"),
        ({"title": "T", "starts_on": "soon"}, "starts_on"),
        ({"title": "T", "starts_on": "2030-06-21", "ends_on": "2030-06-20"}, "ends_on"),
        ({"title": "T", "time_zone": "Mars/Olympus"}, "time_zone"),
    ],
)
async def test_a_refused_trip_names_the_field_and_is_not_there(
    ann: str, given: dict[str, str], field: str
):
    with pytest.raises(Invalid) as raised:
        await trips.create(ann, **given)
    assert raised.value.field == field
    assert await trips.mine(ann) == []


async def test_only_members_see_a_trip(ann: str, ben: str, trip_of: NewTrip):
    trip = await trip_of(ann)
    with pytest.raises(NotAMember):
        await trips.get(ben, trip)
    for unknown in ("nosuchtrip12", "", "a b", "é", 5, None, {"$ne": 1}, "x" * 1000):
        with pytest.raises(NotFound):
            await trips.get(ben, unknown)  # pyright: ignore[reportArgumentType]


@pytest.mark.usefixtures("ticking")
async def test_my_list_has_the_latest_message_first(ann: str, ben: str, trip_of: NewTrip, say: Say):
    quiet = await trip_of(ann, title="Quiet")
    old = await trip_of(ann, ben, title="Old")
    busy = await trip_of(ann, ben, title="Busy")
    await trip_of(ben, title="Not mine")
    await say(ben, busy, "b1", "one")
    await say(ann, old, "o1", "first")
    await say(ben, busy, "b2", "two\nlines")
    first, second, third = await trips.mine(ann)
    assert [card["trip_id"] for card in (first, second, third)] == [busy, old, quiet]
    assert first["last_line"] == "two lines"
    assert first["last_author"] == "Ben"
    assert first["last_seq"] - first["read_seq"] == 2
    assert first["member_count"] == 2
    assert second["last_line"] == "first"
    assert (third["last_line"], third["last_author"], third["last_at"]) == (None, None, None)
    assert third["member_count"] == 1


async def test_the_room_may_describe_any_trip(person: NewPerson, trip_of: NewTrip):
    trip = await trip_of(await person("Cleo"), title="Porto")
    assert (await trips.describe(trip))["title"] == "Porto"
    with pytest.raises(NotFound):
        await trips.describe("nosuchtrip12")
