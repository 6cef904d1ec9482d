"""Files from their upload to the end of the message that has them."""

import re

import pytest

from tests.integration.conftest import NewPerson, NewTrip, Unchanged
from tests.integration.files.conftest import Upload, blobs, in_pieces
from tests.kit import pictures
from tripchat import clock, db, files, hub
from tripchat.errors import Invalid, NotAMember, NotFound, Refused, TooLarge, TooMany, Unavailable
from tripchat.files.store import BlobMissing, new_name
from tripchat.hub import Change, MessageAdded
from tripchat.services import attachments, collecting, editing, members, messages, trips
from tripchat.settings import Settings


async def read(user_id: str, attachment_id: str, **which: bool) -> bytes:
    found = await attachments.find(user_id, attachment_id, **which)
    return b"".join([piece async for piece in found.read()])


async def send(user_id: str, trip: str, *ids: str, client_id: str = "c1", text: str = ""):
    body = {"text": text, "attachments": [*ids]}
    return await messages.send(user_id, trip, client_id, body=body)


@pytest.fixture
async def trip(ann: str, ben: str, trip_of: NewTrip) -> str:
    return await trip_of(ann, ben)


@pytest.mark.parametrize("size", [1, 65_536, 1_000_000, 6_000_000])
async def test_what_was_uploaded_is_what_is_read(ann: str, trip: str, upload: Upload, size: int):
    content = (bytes(range(256)) * (size // 256 + 1))[:size]
    attachment = await upload(ann, trip, content, "data.bin")
    assert attachment["size"] == size
    assert await read(ann, attachment["attachment_id"]) == content
    found = await attachments.find(ann, attachment["attachment_id"])
    part = b"".join([piece async for piece in found.read(size // 2, size)])
    assert part == content[size // 2 :]


async def test_a_sent_file_is_for_all_members_and_an_unsent_one_for_its_uploader(
    ann: str, ben: str, cem: str, trip: str, upload: Upload
):
    attachment_id = (await upload(ann, trip))["attachment_id"]
    for other in (ben, cem):
        with pytest.raises(NotFound):
            await attachments.find(other, attachment_id)
    await send(ann, trip, attachment_id)
    assert await read(ben, attachment_id) == b"pack socks"
    with pytest.raises(NotAMember):
        await attachments.find(cem, attachment_id)
    await members.remove(ann, trip, ben)
    with pytest.raises(NotAMember):
        await attachments.find(ben, attachment_id)


async def test_a_message_says_what_its_files_are(
    ann: str, ben: str, trip: str, upload: Upload, heard: list[Change]
):
    photo = await upload(ann, trip, pictures.picture("JPEG", (300, 200)), "beach.jpg")
    file = await upload(ann, trip)
    sent = await send(ann, trip, photo["attachment_id"], file["attachment_id"], text="look *here*")
    assert sent.message["body"]["attachments"] == [photo, file]
    [stored] = (await messages.page(ben, trip))["messages"]
    assert stored["body"] == sent.message["body"]
    [added] = [change for change in heard if isinstance(change, MessageAdded)]
    assert added.message["body"] == stored["body"]


@pytest.mark.parametrize(
    ("which", "line"),
    [("p", "Photo"), ("ppp", "3 photos"), ("f", "list.txt"), ("pf", "2 files")],
)
async def test_the_line_of_a_message_without_words(
    ann: str, trip: str, upload: Upload, which: str, line: str
):
    content = {"p": pictures.picture(), "f": b"pack socks"}
    ids = [(await upload(ann, trip, content[each]))["attachment_id"] for each in which]
    await send(ann, trip, *ids)
    [card] = await trips.mine(ann)
    assert card["last_line"] == line
    answer = await messages.send(ann, trip, "re", body={"text": "nice"}, reply_to_seq=1)
    assert answer.message["quote"]["line"] == line  # pyright: ignore[reportTypedDictNotRequiredAccess]


async def test_a_repeated_send_is_the_first_one(ann: str, trip: str, upload: Upload):
    attachment_id = (await upload(ann, trip))["attachment_id"]
    first = await send(ann, trip, attachment_id)
    again = await send(ann, trip, attachment_id)
    assert again.repeated
    assert again.message["id"] == first.message["id"]
    assert again.message["body"] == first.message["body"]
    await editing.remove(ann, trip, 1)
    assert (await send(ann, trip, attachment_id)).repeated


async def test_of_two_messages_with_the_same_file_one_is_refused(
    ann: str, trip: str, upload: Upload
):
    attachment_id = (await upload(ann, trip))["attachment_id"]
    await send(ann, trip, attachment_id, client_id="one")
    with pytest.raises(Invalid) as refused:
        await send(ann, trip, attachment_id, client_id="two")
    assert refused.value.field == "attachment_ids"


async def test_only_ones_own_unsent_files_of_the_trip_can_be_sent(
    ann: str, ben: str, trip: str, trip_of: NewTrip, upload: Upload, unchanged: Unchanged
):
    other = await trip_of(ann, ben)
    of_ben = (await upload(ben, trip))["attachment_id"]
    elsewhere = (await upload(ann, other))["attachment_id"]
    mine = (await upload(ann, trip))["attachment_id"]
    async with unchanged():
        for wrong in (of_ben, elsewhere, "unknown-id", mine + "x"):
            with pytest.raises(Invalid) as refused:
                await send(ann, trip, mine, wrong)
            assert refused.value.field == "attachment_ids"
        for wrong in ("not a list", [1], [None], ["a b"], {}, [mine] * 11):
            with pytest.raises(Invalid) as refused:
                await messages.send(ann, trip, "c", body={"text": "x", "attachments": wrong})
            assert refused.value.field == "attachment_ids"
        with pytest.raises(Invalid):
            await send(ann, trip)
    await send(ann, trip, mine, mine)


async def test_files_stay_when_the_words_change(ann: str, trip: str, upload: Upload):
    file = await upload(ann, trip)
    await send(ann, trip, file["attachment_id"], text="one")
    changed = await editing.edit(ann, trip, 1, {"text": "two", "attachments": []})
    assert changed["body"] == {"text": "two", "attachments": [file]}
    bare = await editing.edit(ann, trip, 1, {"text": " "})
    assert bare["body"] == {"text": "", "attachments": [file]}
    versions = await editing.versions(ann, trip, 1)
    assert [version["body"]["text"] for version in versions] == ["one", "two"]


async def test_a_message_without_files_gets_none_by_an_edit(ann: str, trip: str, upload: Upload):
    file = await upload(ann, trip)
    await messages.send(ann, trip, "c1", body={"text": "one"})
    ids = [file["attachment_id"]]
    changed = await editing.edit(ann, trip, 1, {"text": "two", "attachments": ids})
    assert changed["body"] == {"text": "two"}
    with pytest.raises(Invalid):
        await editing.edit(ann, trip, 1, {"text": "", "attachments": ids})


async def test_a_deleted_message_takes_its_files_along(ann: str, trip: str, upload: Upload):
    photo = (await upload(ann, trip, pictures.picture()))["attachment_id"]
    kept = (await upload(ann, trip))["attachment_id"]
    await send(ann, trip, photo)
    assert len(await blobs()) == 3
    await editing.remove(ann, trip, 1)
    with pytest.raises(NotFound):
        await attachments.find(ann, photo)
    assert len(await blobs()) == 1
    assert await read(ann, kept) == b"pack socks"


async def test_an_upload_can_be_taken_back_until_it_is_sent(
    ann: str, ben: str, trip: str, upload: Upload
):
    attachment_id = (await upload(ann, trip))["attachment_id"]
    with pytest.raises(NotFound):
        await attachments.cancel(ben, attachment_id)
    await attachments.cancel(ann, attachment_id)
    assert await blobs() == set()
    with pytest.raises(NotFound):
        await attachments.cancel(ann, attachment_id)
    sent = (await upload(ann, trip))["attachment_id"]
    await send(ann, trip, sent)
    with pytest.raises(NotAMember):
        await attachments.cancel(ann, sent)
    assert await read(ann, sent) == b"pack socks"


async def test_who_keeps_uploads_unsent_has_to_send_some_first(
    ann: str, trip: str, upload: Upload, opened: Settings
):
    most = attachments.MESSAGES_WORTH * opened.attachments_per_message
    ids = [(await upload(ann, trip))["attachment_id"] for _ in range(most)]
    with pytest.raises(TooMany):
        await attachments.check_upload(ann, trip)
    with pytest.raises(TooMany):
        await upload(ann, trip)
    assert len(await blobs()) == most
    await send(ann, trip, ids[0])
    await upload(ann, trip)


async def test_who_is_removed_meanwhile_has_uploaded_nothing(
    ann: str, ben: str, trip: str, opened: Settings
):
    async def pieces():
        yield b"a" * 500_000
        await members.remove(ann, trip, ben)
        yield b"b" * 500_000

    await attachments.check_upload(ben, trip)
    with pytest.raises(NotAMember):
        await attachments.upload(ben, trip, "a.txt", pieces())
    assert await blobs() == set()
    with pytest.raises(NotAMember):
        await attachments.check_upload(ben, trip)


@pytest.mark.parametrize("content", [b"x" * 500_000, pictures.picture() + b"x" * 500_000])
@pytest.mark.parametrize("error", [TooLarge("Too much."), RuntimeError()])
async def test_a_broken_upload_leaves_nothing(
    ann: str, trip: str, content: bytes, error: Exception, unchanged: Unchanged, opened: Settings
):
    async def pieces():
        async for piece in in_pieces(content):
            yield piece
        raise error

    async with unchanged():
        with pytest.raises(type(error)):
            await attachments.upload(ann, trip, "a.txt", pieces())
    assert await blobs() == set()
    assert [file for file in opened.files_folder.rglob("*") if file.is_file()] == []


async def test_a_lost_database_leaves_the_bytes_to_the_collector(
    ann: str, trip: str, upload: Upload, monkeypatch: pytest.MonkeyPatch
):
    async def write(work: object) -> None:
        raise Unavailable("Away.")

    with monkeypatch.context() as patched:
        patched.setattr(db, "write", write)
        with pytest.raises(Unavailable):
            await upload(ann, trip)
    assert len(await blobs()) == 1
    later(monkeypatch, collecting.UNSENT_AFTER)
    assert (await collecting.collect()).blobs == 1
    assert await blobs() == set()


def later(monkeypatch: pytest.MonkeyPatch, milliseconds: int) -> None:
    """So much time passes, and a little more."""
    now = clock.now
    monkeypatch.setattr(clock, "now", lambda: now() + milliseconds + 5000)


async def test_what_nobody_sent_is_collected_after_a_day(
    ann: str, trip: str, upload: Upload, monkeypatch: pytest.MonkeyPatch
):
    unsent = (await upload(ann, trip, pictures.picture()))["attachment_id"]
    sent = (await upload(ann, trip))["attachment_id"]
    await send(ann, trip, sent)
    assert await collecting.collect() == (0, 0, 0, 0)
    later(monkeypatch, collecting.UNSENT_AFTER)
    fresh = (await upload(ann, trip))["attachment_id"]
    assert await collecting.collect() == (1, 0, 0, 0)
    with pytest.raises(NotFound):
        await attachments.find(ann, unsent)
    assert await read(ann, sent) == await read(ann, fresh) == b"pack socks"
    assert len(await blobs()) == 2


async def test_blobs_of_nothing_are_collected_after_a_day(
    ann: str, trip: str, upload: Upload, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(collecting, "TOGETHER", 3)
    for _ in range(5):
        sent = await upload(ann, trip, pictures.picture())
        await send(ann, trip, sent["attachment_id"], client_id=new_name())
    known = await blobs()
    stray = {new_name() for _ in range(10)}
    foreign = "not-one-of-ours"
    for name in (*stray, *(name + "t" for name in stray), foreign):
        writer = await files.store().begin(name)
        await writer.write(b"x")
        await writer.commit()
    assert await collecting.collect() == (0, 0, 0, 0)
    later(monkeypatch, collecting.UNSENT_AFTER)
    assert await collecting.collect() == (0, 0, 20, 0)
    assert await blobs() == {*known, foreign}


async def test_missing_bytes_are_told_and_nothing_more(
    ann: str,
    trip: str,
    upload: Upload,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
):
    sent = [(await upload(ann, trip))["attachment_id"] for _ in range(7)]
    await send(ann, trip, *sent)
    lost = sorted(await blobs())[1:5]
    for name in lost:
        await files.store().delete(name)
    monkeypatch.setattr(collecting, "TOGETHER", 2)
    later(monkeypatch, collecting.UNSENT_AFTER)
    assert await collecting.collect() == (0, 0, 0, 4)
    assert "the bytes of 4 files are missing" in caplog.text
    readable = 0
    for attachment_id in sent:
        found = await attachments.find(ann, attachment_id)
        if found.blob in lost:
            with pytest.raises(BlobMissing):
                await read(ann, attachment_id)
        else:
            readable += await read(ann, attachment_id) == b"pack socks"
    assert readable == 3


async def test_a_trip_is_erased_with_all_its_files(
    ann: str, ben: str, trip: str, trip_of: NewTrip, upload: Upload
):
    other = await trip_of(ann)
    sent = await upload(ann, trip, pictures.picture())
    await send(ann, trip, sent["attachment_id"])
    await upload(ben, trip)
    kept = (await upload(ann, other))["attachment_id"]
    await attachments.erase_of_trip(trip)
    assert len(await blobs()) == 1
    assert await read(ann, kept) == b"pack socks"


async def test_a_person_is_erased_with_all_their_files(
    ann: str, ben: str, trip: str, upload: Upload
):
    sent = await upload(ann, trip, pictures.picture())
    await send(ann, trip, sent["attachment_id"])
    await upload(ann, trip)
    kept = (await upload(ben, trip))["attachment_id"]
    await attachments.erase_of_user(ann)
    assert len(await blobs()) == 1
    assert await read(ben, kept) == b"pack socks"


async def test_an_export_reads_every_file_that_was_sent(ann: str, trip: str, upload: Upload):
    sent = [await upload(ann, trip, name=f"list {n}.txt") for n in range(3)]
    await send(ann, trip, *(each["attachment_id"] for each in sent))
    await upload(ann, trip)
    found = await attachments.of_trip(trip)
    assert {each.attachment_id for each in found} == {each["attachment_id"] for each in sent}
    for each in found:
        assert b"".join([piece async for piece in each.read()]) == b"pack socks"
        assert re.fullmatch(r"list \d\.txt", each.name)


async def test_strangers_upload_nothing(cem: str, trip: str, upload: Upload, heard: list[Change]):
    for where in (trip, "unknown", None, "../.."):
        with pytest.raises(Refused):
            await attachments.check_upload(cem, where)  # pyright: ignore[reportArgumentType]
    with pytest.raises(NotAMember):
        await upload(cem, trip)
    assert await blobs() == set()
    assert not any(isinstance(change, hub.MessageAdded) for change in heard)


async def test_a_photo_is_kept_upright_without_its_place(
    ann: str, trip: str, upload: Upload, person: NewPerson
):
    for kind in ("JPEG", "HEIF", "WEBP", "PNG"):
        photo = await upload(ann, trip, pictures.taken_somewhere(kind, 6), f"a.{kind}")
        content = await read(ann, photo["attachment_id"])
        image = pictures.opened(content)
        if kind != "HEIF":  # its own turns are not EXIF's
            assert image.size == (photo.get("width"), photo.get("height")) == (32, 64)
        assert dict(image.getexif()) == {}
        for part in (content, await read(ann, photo["attachment_id"], thumb=True)):
            assert pictures.PLACE.encode() not in part
            assert b"Kamerawerk" not in part
            assert b"2030:06:21" not in part
