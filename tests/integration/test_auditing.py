"""What organisers do is written down with the deed, and nobody can take it back."""

import pytest

from tests.integration.conftest import NewPerson, NewTrip, Say, dump
from tripchat.errors import Invalid, NotAMember, NotFound
from tripchat.services import auditing, editing, invites, members, trips

Told = tuple[str, str | None, str | None, int | None, list[str]]


async def told(user_id: str, trip: str, **which: int) -> list[Told]:
    """The entries: what was done, by whom, about whom, which message, which fields."""
    page = await auditing.page(user_id, trip, **which)
    return [
        (each["deed"], each["actor_name"], each["person_name"], each["seq"], each["fields"])
        for each in page["entries"]
    ]


async def test_every_deed_of_an_organiser_newest_first(
    ann: str, ben: str, person: NewPerson, trip_of: NewTrip, say: Say
):
    cleo = await person("Cleo")
    trip = await trip_of(ann, ben, cleo)
    await say(ben, trip, "c1", "never to be seen again")
    code = (await invites.create(ben, trip))["code"]
    await trips.change(ann, trip, "Porto", starts_on="2030-05-01")
    await editing.remove(ann, trip, 1)
    await invites.revoke(ann, code)
    await members.remove(ann, trip, cleo)
    assert await told(ann, trip) == [
        ("member-removed", "Ann", "Cleo", None, []),
        ("invite-revoked", "Ann", "Ben", None, []),
        ("message-deleted", "Ann", "Ben", 1, []),
        ("trip-changed", "Ann", None, None, ["title", "starts_on"]),
    ]
    written = str((await dump())["audit_entry"])
    for secret in ("never", "Porto", "Lisbon", code):
        assert secret not in written


async def test_what_is_no_deed_of_an_organiser_is_not_written(
    ann: str, ben: str, trip_of: NewTrip, say: Say
):
    trip = await trip_of(ann, ben)
    for user_id in (ann, ben):
        sent = await say(user_id, trip, "c1")
        await editing.remove(user_id, trip, sent.message["seq"])
        await editing.remove(ann, trip, sent.message["seq"])  # there is nothing left to delete
    code = (await invites.create(ben, trip))["code"]
    await invites.revoke(ben, code)
    await invites.revoke(ann, code)
    await trips.change(ann, trip, "Lisbon")
    await members.leave(ben, trip)
    assert await told(ann, trip) == []


async def test_what_is_refused_leaves_no_entry(ann: str, ben: str, trip_of: NewTrip, say: Say):
    trip = await trip_of(ann, ben)
    await say(ann, trip, "c1")
    for refused in (
        members.remove(ben, trip, ann),
        editing.remove(ben, trip, 1),
        trips.change(ben, trip, "Porto"),
        members.remove(ann, trip, "nobody123456"),
    ):
        with pytest.raises((NotAMember, NotFound)):
            await refused
    assert await told(ann, trip) == []


async def test_a_deed_that_fails_leaves_no_entry(
    ann: str, ben: str, trip_of: NewTrip, monkeypatch: pytest.MonkeyPatch
):
    trip = await trip_of(ann, ben)

    async def fails(*_: object, **__: object) -> None:
        raise RuntimeError

    before = await dump()
    monkeypatch.setattr(auditing, "note", fails)
    with pytest.raises(RuntimeError):
        await members.remove(ann, trip, ben)
    assert await dump() == before


async def test_only_the_trips_organisers_read_it(
    ann: str, ben: str, person: NewPerson, trip_of: NewTrip
):
    trip, other = await trip_of(ann, ben), await trip_of(ben)
    await trips.change(ann, trip, "Porto")
    for user_id in (ben, await person("Cleo")):
        with pytest.raises(NotAMember):
            await auditing.page(user_id, trip)
    assert await told(ben, other) == []
    with pytest.raises(NotFound):
        await auditing.page(ann, "nosuchtrip12")


async def test_it_is_read_in_pages(ann: str, trip_of: NewTrip):
    trip = await trip_of(ann)
    for n in range(5):
        await trips.change(ann, trip, f"Title {n}")
    first = await auditing.page(ann, trip, limit=3)
    assert (len(first["entries"]), first["complete"]) == (3, False)
    rest = await auditing.page(ann, trip, before=first["entries"][-1]["entry_id"], limit=3)
    assert (len(rest["entries"]), rest["complete"]) == (2, True)
    ids = [each["entry_id"] for page in (first, rest) for each in page["entries"]]
    assert ids == sorted(ids, reverse=True)
    for wrong in ({"limit": 0}, {"limit": 1000}, {"before": 0}):
        with pytest.raises(Invalid):
            await auditing.page(ann, trip, **wrong)
