"""What a message's link leads to is added to it afterwards, and is none of its words."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from tests.integration.conftest import NewTrip, Say, dump
from tests.kit.elsewhere import Elsewhere, elsewhere, html, redirect, titled
from tripchat import hub
from tripchat.hub import Change, MessageChanged
from tripchat.previews import follower
from tripchat.previews.follower import MOST_WAITING, TOGETHER, Follower
from tripchat.previews.web_address import NoPreview
from tripchat.services import editing, messages, previewing
from tripchat.settings import Settings
from tripchat.views import MessageView, Preview

MAP = "https://map.example/lisbon"


@pytest.fixture
async def web() -> AsyncIterator[Elsewhere]:
    """The rest of the web; everything in it speaks plain http."""
    async with elsewhere() as web:
        yield web


@pytest.fixture
async def following(opened: Settings, web: Elsewhere) -> AsyncIterator[Follower]:
    """A worker that looks links up."""
    follower = Follower(web.network)
    stop = hub.on_publish(follower.on_publish)
    yield follower
    stop()
    await follower.stop()


@pytest.fixture
async def trip(ann: str, ben: str, trip_of: NewTrip) -> str:
    return await trip_of(ann, ben)


async def message(user_id: str, trip_id: str, seq: int = 1) -> MessageView:
    """A message as it is stored now."""
    return (await messages.page(user_id, trip_id, after=seq - 1, limit=1))["messages"][0]


async def preview(user_id: str, trip_id: str, seq: int = 1) -> Preview | None:
    """What is shown of a message's link."""
    return (await message(user_id, trip_id, seq))["body"].get("preview")


def named(url: str, title: str) -> Preview:
    return {"url": url, "site": "x.example", "title": title, "description": ""}


async def test_a_link_gets_its_preview_after_it_was_told(
    ann: str, trip: str, say: Say, web: Elsewhere, following: Follower, heard: list[Change]
):
    web.pages["a.example/b"] = html(
        "<title>A &amp; B</title><meta property='og:description' content='Said &lt;so&gt;'>"
    )
    sent = await say(ann, trip, "c1", "see [this](http://a.example/b) and http://other.example/")
    assert "preview" not in sent.message["body"]
    await following.settled()
    stored = await message(ann, trip)
    assert stored["body"]["preview"] == {
        "url": "http://a.example/b",
        "site": "a.example",
        "title": "A & B",
        "description": "Said <so>",
    }
    assert stored["rev"] == sent.message["rev"] + 1
    assert "edited_at" not in stored
    changed = [change for change in heard if isinstance(change, MessageChanged)]
    assert [change.message["body"] for change in changed] == [stored["body"]]
    assert await editing.versions(ann, trip, 1) == []
    assert web.lookups == ["a.example"]


async def test_no_send_waits_for_a_page(
    ann: str, trip: str, say: Say, web: Elsewhere, following: Follower
):
    asked, may_answer = asyncio.Event(), asyncio.Event()

    async def waits(writer: asyncio.StreamWriter) -> None:
        asked.set()
        await may_answer.wait()
        writer.write(titled("At last"))

    web.pages["a.example/"] = waits
    await say(ann, trip, "c1", "http://a.example/")
    await asked.wait()
    assert (await say(ann, trip, "c2", "meanwhile")).message["seq"] == 2
    assert await preview(ann, trip) is None
    may_answer.set()
    await following.settled()
    assert await preview(ann, trip) is not None


@pytest.mark.parametrize(
    "text", ["no link", "`http://a.example/`", "mail a@a.example", "ftp://a.example/", "a.b/c"]
)
async def test_what_is_no_link_to_a_page_is_not_looked_up(
    ann: str, trip: str, say: Say, web: Elsewhere, following: Follower, text: str
):
    await say(ann, trip, "c1", text)
    await following.settled()
    assert web.lookups == []


async def test_a_link_that_leads_inside_changes_nothing(
    ann: str, trip: str, say: Say, web: Elsewhere, following: Follower
):
    web.hosts["inside.example"] = [["10.0.0.1"]]
    web.pages["a.example/"] = redirect("http://inside.example/")
    before = await say(ann, trip, "c1", "http://a.example/")
    await say(ann, trip, "c2", "http://inside.example/")
    await following.settled()
    assert (await message(ann, trip))["rev"] == before.message["rev"]
    assert len(web.called) == 1


async def test_it_is_sealed(ann: str, trip: str, say: Say, web: Elsewhere, following: Follower):
    web.pages["a.example/secret-path"] = titled("Hidden treasure")
    await say(ann, trip, "c1", "http://a.example/secret-path")
    await following.settled()
    assert await preview(ann, trip) is not None
    stored = repr(await dump())
    assert "treasure" not in stored
    assert "secret-path" not in stored


async def test_an_edit_that_keeps_the_link_keeps_the_preview(
    ann: str, trip: str, say: Say, web: Elsewhere, following: Follower
):
    await say(ann, trip, "c1", f"see {MAP}")
    await previewing.attach(trip, 1, named(MAP, "Map"))
    same = await editing.edit(ann, trip, 1, {"text": f"see {MAP}"})
    assert "edited_at" not in same  # the same words again change nothing
    edited = await editing.edit(ann, trip, 1, {"text": f"look at {MAP} now"})
    assert edited["body"]["preview"] == named(MAP, "Map")
    versions = await editing.versions(ann, trip, 1)
    assert ["preview" in version["body"] for version in versions] == [False]


async def test_an_edit_that_changes_the_link_renews_it(
    ann: str, trip: str, say: Say, web: Elsewhere, following: Follower
):
    web.pages["a.example/"], web.pages["b.example/"] = titled("A"), titled("B")
    await say(ann, trip, "c1", "http://a.example/")
    await following.settled()
    edited = await editing.edit(ann, trip, 1, {"text": "http://b.example/"})
    assert "preview" not in edited["body"]
    await following.settled()
    shown = await preview(ann, trip)
    assert shown is not None
    assert shown["title"] == "B"
    await editing.edit(ann, trip, 1, {"text": "none"})
    await following.settled()
    assert await preview(ann, trip) is None


async def test_what_was_deleted_or_changed_meanwhile_gets_none(
    ann: str, trip: str, say: Say, heard: list[Change], opened: Settings
):
    await say(ann, trip, "c1", MAP)
    await editing.remove(ann, trip, 1)
    await say(ann, trip, "c2", MAP)
    await editing.edit(ann, trip, 2, {"text": "https://other.example/"})
    heard.clear()
    for place, seq in ((trip, 1), (trip, 2), (trip, 3), ("no-such-trip", 1)):
        await previewing.attach(place, seq, named(MAP, "Map"))
    assert heard == []
    assert await preview(ann, trip, 2) is None


async def test_a_deleted_message_takes_it_along(ann: str, trip: str, say: Say, opened: Settings):
    await say(ann, trip, "c1", MAP)
    await previewing.attach(trip, 1, named(MAP, "Map"))
    await editing.remove(ann, trip, 1)
    assert (await message(ann, trip))["body"] == {}


async def test_nobody_sends_a_preview_of_their_own(ann: str, trip: str, opened: Settings, say: Say):
    forged = {"text": MAP, "preview": named("javascript:alert(1)", "Bank")}
    await messages.send(ann, trip, "c1", body=forged)
    await say(ann, trip, "c2", MAP)
    await editing.edit(ann, trip, 2, {**forged, "text": f"{MAP} !"})
    assert await preview(ann, trip, 1) is None
    assert await preview(ann, trip, 2) is None


async def test_many_links_are_looked_up_a_few_at_a_time_and_not_all(
    ann: str, trip: str, say: Say, web: Elsewhere, following: Follower
):
    may_answer = asyncio.Event()

    async def waits(writer: asyncio.StreamWriter) -> None:
        await may_answer.wait()
        writer.write(titled("Many"))

    web.pages["a.example/"] = waits
    for number in range(MOST_WAITING + 20):
        await say(ann, trip, f"c{number}", "http://a.example/")
    may_answer.set()
    await following.settled()
    assert web.most_at_once <= TOGETHER
    assert len(web.requests) == MOST_WAITING


async def test_an_error_says_nothing_of_the_link(
    ann: str,
    trip: str,
    say: Say,
    following: Follower,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
):
    async def fails(address: str, *_: object) -> None:
        raise RuntimeError(address)

    monkeypatch.setattr(follower, "fetch", fails)
    await say(ann, trip, "c1", "http://a.example/secret")
    await following.settled()
    assert "RuntimeError" in caplog.text
    assert "secret" not in caplog.text


async def test_it_is_off_unless_a_setting_says_so(
    ann: str, trip: str, say: Say, settings: Settings, monkeypatch: pytest.MonkeyPatch
):
    looked: list[str] = []

    async def looks(address: str, *_: object) -> None:
        looked.append(address)
        raise NoPreview("not now")

    monkeypatch.setattr(follower, "fetch", looks)
    async with follower.following(settings):
        await say(ann, trip, "c1", MAP)
        await asyncio.sleep(0)
    async with follower.following(settings.model_copy(update={"link_previews": "on"})):
        await say(ann, trip, "c2", MAP)
        await asyncio.sleep(0)
    assert looked == [MAP]
