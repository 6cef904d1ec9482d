"""The demonstration in the database."""

from pathlib import Path

import pytest

from tripchat import clock, demo, storage
from tripchat.demo import people
from tripchat.services import messages
from tripchat.services import people as accounts
from tripchat.services import trips as trip_service
from tripchat.settings import Settings
from tripchat.views import TripCard


async def trips_of(settings: Settings, person: str) -> list[TripCard]:
    await storage.open_storage(settings)
    try:
        signed_in = await accounts.authenticate(people.email(person), people.PASSWORD)
        return await trip_service.mine(signed_in["user_id"])
    finally:
        await storage.close_storage()


async def test_everybody_can_sign_in_and_has_trips(settings: Settings) -> None:
    await demo.fill(settings)
    for person in people.NAMES:
        assert await trips_of(settings, person)


async def test_the_host_has_a_long_trip_that_is_read_and_another_with_news(
    settings: Settings,
) -> None:
    await demo.fill(settings)
    main, news, old = await trips_of(settings, people.HOST)
    assert main["last_seq"] > 250
    assert main["last_at"] is not None
    assert 0 < clock.now() - main["last_at"] < clock.HOUR
    assert main["read_seq"] == main["last_seq"]
    assert 0 < news["read_seq"] < news["last_seq"]
    assert old["read_seq"] == old["last_seq"]


async def test_its_messages_open_and_are_numbered_without_gaps(settings: Settings) -> None:
    await demo.fill(settings)
    main = (await trips_of(settings, people.HOST))[0]
    await storage.open_storage(settings)
    try:
        stored = await messages.between(main["trip_id"], 0, main["last_seq"])
    finally:
        await storage.close_storage()
    assert [message["seq"] for message in stored] == list(range(1, main["last_seq"] + 1))
    assert {message["kind"] for message in stored} == {"text"}
    assert len({message["client_id"] for message in stored}) == len(stored)


async def test_a_second_time_adds_nothing_and_tells_the_same(settings: Settings) -> None:
    first = await demo.fill(settings)
    before = await trips_of(settings, people.HOST)
    assert await demo.fill(settings) == first
    assert await trips_of(settings, people.HOST) == before


async def test_what_fails_half_way_leaves_nothing(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr("tripchat.demo.trips.CONVERSATIONS", tmp_path)
        with pytest.raises(FileNotFoundError):
            await demo.fill(settings)
    await demo.fill(settings)
    assert len(await trips_of(settings, people.HOST)) == 3
