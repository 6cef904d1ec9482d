"""The demonstration in the database."""

from pathlib import Path

import pytest

from tests.kit.pictures import opened
from tripchat import clock, demo, storage
from tripchat.demo import people
from tripchat.services import attachments, editing, members, messages, reactions
from tripchat.services import people as accounts
from tripchat.services import trips as trip_service
from tripchat.settings import Settings
from tripchat.views import TripCard


async def trips_of(settings: Settings, person: str) -> list[TripCard]:
    await storage.open_storage(settings)
    try:
        signed_in, _ = await accounts.authenticate(people.email(person), people.PASSWORD)
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
    assert (main["mentions"], news["mentions"]) == (0, 1)
    assert old["read_seq"] == old["last_seq"]


async def test_the_host_has_sent_photos_and_a_file(settings: Settings) -> None:
    await demo.fill(settings)
    await storage.open_storage(settings)
    try:
        _, [photos, file] = await messages.window("azores_demo", 2)
        attached = photos["body"]["attachments"]
        thumb = await attachments.find(
            people.user_id("sam"), attached[0]["attachment_id"], thumb=True
        )
        drawn = b"".join([piece async for piece in thumb.read()])
    finally:
        await storage.close_storage()
    assert {each["type"] for each in attached} == {"image/jpeg"}
    assert opened(drawn).size == (640, 480)
    assert [each["name"] for each in file["body"]["attachments"]] == ["walk-to-the-wall.gpx"]


async def test_everything_that_can_happen_to_a_message_is_there_to_see(settings: Settings) -> None:
    await demo.fill(settings)
    await storage.open_storage(settings)
    try:
        last_rev, shown = await messages.window("azores_demo", 500)
        edited = next(message for message in shown if "edited_at" in message)
        versions = await editing.versions(people.user_id("maya"), "azores_demo", edited["seq"])
        read = {each["read_seq"] for each in await members.members("azores_demo")}
        more = await reactions.react(people.user_id("sam"), "azores_demo", 1, "🎉")
    finally:
        await storage.close_storage()
    html = " ".join(message["body"].get("html", "") for message in shown)
    for tag in ("strong", "em", "s", "pre", "ul", "ol", "a ", "span "):
        assert f"<{tag}" in html
    assert any("reactions" in message for message in shown[-10:])
    assert any(message.get("quote", {}).get("line") for message in shown[-10:])
    assert any(message.get("deleted") for message in shown)
    assert len(versions) == 1
    assert versions[0]["body"]["text"] != edited["body"]["text"]
    assert len(read) > 1
    # What happens next goes on from there.
    revs = [message["rev"] for message in shown]
    assert revs == sorted(set(revs))
    assert (revs[-1], more["rev"]) == (last_rev, last_rev + 1)


async def test_reactions_came_in_the_order_in_which_they_are_written_down(
    settings: Settings,
) -> None:
    await demo.fill(settings)
    await storage.open_storage(settings)
    try:
        _, shown = await messages.window("azores_demo", 500)
    finally:
        await storage.close_storage()
    [lens] = [message for message in shown if message["body"].get("text") == "**ONE FINGER**"]
    came = sorted(
        (rev, emoji, user_id.removesuffix("_demo"))
        for user_id, mine in lens.get("reactions", {}).items()
        for emoji, rev in mine.items()
    )
    assert [rev for rev, _, _ in came] == list(range(lens["rev"] - 4, lens["rev"] + 1))
    assert [(emoji, person) for _, emoji, person in came] == [
        *(("😂", person) for person in ("sam", "maya", "ellie", "priya")),
        ("☝️", "tomas"),
    ]


async def test_its_messages_open_and_are_numbered_without_gaps(settings: Settings) -> None:
    await demo.fill(settings)
    main = (await trips_of(settings, people.HOST))[0]
    await storage.open_storage(settings)
    try:
        stored = await messages.changed(main["trip_id"], 0)
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
