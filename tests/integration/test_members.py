import pytest

from tests.integration.conftest import NewPerson, NewTrip, Say
from tripchat.errors import NotAMember, NotFound
from tripchat.hub import Change, MemberLeft, MembersChanged, TripsChanged
from tripchat.services import invites, members, messages, trips


async def roles(trip_id: str) -> dict[str, str]:
    """Who is in the trip, by name."""
    return {
        member["name"]: member["role"]
        for member in await members.members(trip_id)
        if not member["left"]
    }


async def test_who_left_is_still_named_and_sees_nothing(
    ann: str, ben: str, trip_of: NewTrip, say: Say, heard: list[Change]
):
    trip = await trip_of(ann, ben)
    await say(ben, trip, "c1")
    heard.clear()
    await members.leave(ben, trip)
    assert heard == [MemberLeft(trip, ben), MembersChanged(trip), TripsChanged(ben)]
    assert [(m["name"], m["left"]) for m in await members.members(trip)] == [
        ("Ann", False),
        ("Ben", True),
    ]
    assert await trips.mine(ben) == []
    for refused in (
        messages.page(ben, trip),
        say(ben, trip, "c2"),
        trips.get(ben, trip),
        invites.create(ben, trip),
        members.leave(ben, trip),
    ):
        with pytest.raises(NotAMember):
            await refused


async def test_an_organiser_removes_a_member(ann: str, ben: str, trip_of: NewTrip):
    trip = await trip_of(ann, ben)
    await members.remove(ann, trip, ben)
    assert await roles(trip) == {"Ann": "organiser"}


async def test_a_member_removes_nobody_but_themselves(
    ann: str, ben: str, person: NewPerson, trip_of: NewTrip
):
    cleo = await person("Cleo")
    trip = await trip_of(ann, ben, cleo)
    for target in (ann, cleo):
        with pytest.raises(NotAMember):
            await members.remove(ben, trip, target)
    await members.remove(ben, trip, ben)
    assert await roles(trip) == {"Ann": "organiser", "Cleo": "member"}


async def test_removing_who_is_not_there(ann: str, ben: str, trip_of: NewTrip):
    trip = await trip_of(ann)
    with pytest.raises(NotFound):
        await members.remove(ann, trip, ben)
    with pytest.raises(NotFound):
        await members.remove(ann, "nosuchtrip12", ann)
    with pytest.raises(NotAMember):
        await members.remove(ben, trip, ann)


@pytest.mark.usefixtures("ticking")
async def test_the_longest_standing_member_takes_over(
    ann: str, ben: str, person: NewPerson, trip_of: NewTrip
):
    cleo = await person("Cleo")
    trip = await trip_of(cleo, ben, ann)
    await members.leave(cleo, trip)
    assert await roles(trip) == {"Ben": "organiser", "Ann": "member"}
    await members.leave(ben, trip)
    assert await roles(trip) == {"Ann": "organiser"}
    await members.leave(ann, trip)
    assert await roles(trip) == {}
