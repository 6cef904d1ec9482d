import asyncio
from typing import Any

import pytest

from tests.integration.conftest import NewPerson, NewTrip, Say
from tripchat import clock
from tripchat.errors import Conflict, Invalid, NotAMember, NotFound
from tripchat.hub import Change, MembersChanged, TripsChanged
from tripchat.services import invites, members, trips


async def test_an_invite_says_where_it_leads_and_lets_one_in(
    ann: str, ben: str, trip_of: NewTrip, say: Say, heard: list[Change]
):
    trip = await trip_of(ann)
    await say(ann, trip, "c1")
    code = (await invites.create(ann, trip))["code"]
    look = await invites.look(code)
    assert (look["trip_title"], look["inviter_name"], look["member_count"]) == ("Lisbon", "Ann", 1)
    heard.clear()
    assert await invites.accept(ben, code) == trip
    assert heard == [MembersChanged(trip), TripsChanged(ben)]
    view = await trips.get(ben, trip)
    assert (view["role"], view["read_seq"]) == ("member", 1)


async def test_members_do_not_use_an_invite_up(ann: str, ben: str, trip_of: NewTrip):
    trip = await trip_of(ann)
    code = (await invites.create(ann, trip, max_uses=1))["code"]
    for who in (ann, ben, ben, ann):
        assert await invites.accept(who, code) == trip


async def test_more_people_than_uses_at_the_same_moment(
    ann: str, person: NewPerson, trip_of: NewTrip
):
    trip = await trip_of(ann)
    code = (await invites.create(ann, trip, max_uses=2))["code"]
    people = [await person(f"P{n}") for n in range(6)]
    outcomes = await asyncio.gather(
        *(invites.accept(one, code) for one in people), return_exceptions=True
    )
    refused = [outcome for outcome in outcomes if isinstance(outcome, Conflict)]
    assert outcomes.count(trip) == 2
    assert {refusal.detail for refusal in refused} == {"This invite has been used up."}
    assert len(await members.members(trip)) == 3


async def test_an_invite_expires(
    ann: str, ben: str, trip_of: NewTrip, monkeypatch: pytest.MonkeyPatch
):
    trip = await trip_of(ann)
    invite = await invites.create(ann, trip, expires_in_hours=2)
    assert invite["expires_at"] is not None
    later = invite["expires_at"]
    monkeypatch.setattr(clock, "now", lambda: later - 1)
    await invites.look(invite["code"])
    monkeypatch.setattr(clock, "now", lambda: later)
    for call in (invites.look(invite["code"]), invites.accept(ben, invite["code"])):
        with pytest.raises(Conflict, match="expired"):
            await call


async def test_its_maker_and_organisers_revoke_an_invite(
    ann: str, ben: str, person: NewPerson, trip_of: NewTrip
):
    cleo, stranger = await person("Cleo"), await person("Stranger")
    trip = await trip_of(ann, ben, cleo)
    bens, also_bens = [(await invites.create(ben, trip))["code"] for _ in range(2)]
    for outsider in (cleo, stranger):
        with pytest.raises(NotAMember):
            await invites.revoke(outsider, bens)
    await invites.revoke(ann, bens)
    await invites.revoke(ann, bens)
    await invites.revoke(ben, also_bens)
    for code in (bens, also_bens):
        with pytest.raises(Conflict, match="revoked"):
            await invites.accept(stranger, code)


@pytest.mark.usefixtures("ticking")
async def test_who_was_removed_needs_a_new_invite(ann: str, ben: str, trip_of: NewTrip):
    trip = await trip_of(ann, ben)
    old = (await invites.create(ann, trip))["code"]
    await members.remove(ann, trip, ben)
    with pytest.raises(Conflict, match="removed"):
        await invites.accept(ben, old)
    assert await invites.accept(ben, (await invites.create(ann, trip))["code"]) == trip


async def test_who_left_may_come_back(ann: str, ben: str, trip_of: NewTrip):
    trip = await trip_of(ann, ben)
    code = (await invites.create(ann, trip))["code"]
    await members.leave(ben, trip)
    await invites.accept(ben, code)
    assert [(m["name"], m["left"]) for m in await members.members(trip)] == [
        ("Ann", False),
        ("Ben", False),
    ]


async def test_unknown_codes(ann: str):
    codes: list[Any] = ["nosuchcode12", "", "a/b", "\x00", None, 7]
    for code in codes:
        for call in (invites.look, lambda code: invites.accept(ann, code)):
            with pytest.raises(NotFound):
                await call(code)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"expires_in_hours": 0}, "expires_in_hours"),
        ({"expires_in_hours": 10**9}, "expires_in_hours"),
        ({"expires_in_hours": "2"}, "expires_in_hours"),
        ({"max_uses": 0}, "max_uses"),
        ({"max_uses": True}, "max_uses"),
    ],
)
async def test_refused_limits(ann: str, trip_of: NewTrip, given: dict[str, int], field: str):
    trip = await trip_of(ann)
    with pytest.raises(Invalid) as raised:
        await invites.create(ann, trip, **given)
    assert raised.value.field == field


async def test_the_usable_invites_are_those_one_may_revoke(
    ann: str, ben: str, trip_of: NewTrip, person: NewPerson
):
    trip = await trip_of(ann, ben)
    for first in await invites.usable(ann, trip):
        await invites.revoke(ann, first["code"])
    ours = [(await invites.create(who, trip))["code"] for who in (ann, ben)]
    gone = (await invites.create(ann, trip))["code"]
    await invites.revoke(ann, gone)
    used = (await invites.create(ann, trip, max_uses=1))["code"]
    await invites.accept(await person("Cy"), used)
    assert {each["code"] for each in await invites.usable(ann, trip)} == set(ours)
    assert [each["code"] for each in await invites.usable(ben, trip)] == ours[1:]
    with pytest.raises(NotAMember):
        await invites.usable(await person("Dee"), trip)
