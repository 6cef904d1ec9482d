"""Changing what a message says, and deleting it."""

import pytest

from tests.integration.conftest import NewPerson, NewTrip, Say, Unchanged, dump
from tripchat import db
from tripchat.errors import Conflict, NotAMember
from tripchat.hub import Change, MessageChanged
from tripchat.models import Message, Version
from tripchat.services import editing, messages, reactions
from tripchat.views import MessageView


async def message(trip_id: str, seq: int) -> MessageView:
    """The message as it is read from the database."""
    _, newest = await messages.window(trip_id, 100)
    return next(each for each in newest if each["seq"] == seq)


async def said_before(user_id: str, trip_id: str, seq: int) -> list[str]:
    return [each["body"]["text"] for each in await editing.versions(user_id, trip_id, seq)]


async def test_an_edit_is_seen_in_place(ann: str, trip_of: NewTrip, say: Say, heard: list[Change]):
    trip = await trip_of(ann)
    sent = (await say(ann, trip, "c1", "one")).message
    await say(ann, trip, "c2", "two")
    heard.clear()
    edited = await editing.edit(ann, trip, 1, {"text": "**one**"})
    assert heard == [MessageChanged(trip, edited)]
    assert edited == await message(trip, 1)
    assert edited == {
        **sent,
        "rev": 3,
        "body": {"text": "**one**", "html": "<strong>one</strong>"},
        "edited_at": edited.get("edited_at"),
    }
    assert edited.get("edited_at", 0) >= sent["sent_at"]
    assert (await messages.window(trip, 100))[0] == 3


@pytest.mark.usefixtures("ticking")
async def test_earlier_versions_are_kept_for_members(
    ann: str, ben: str, person: NewPerson, trip_of: NewTrip, say: Say
):
    trip, stranger = await trip_of(ann, ben), await person("Stranger")
    sent = (await say(ann, trip, "c1", "one")).message
    first = await editing.edit(ann, trip, 1, {"text": "two"})
    await editing.edit(ann, trip, 1, {"text": "one"})
    for reader in (ann, ben):
        assert await editing.versions(reader, trip, 1) == [
            {"number": 1, "kind": "text", "body": {"text": "one"}, "written_at": sent["sent_at"]},
            {
                "number": 2,
                "kind": "text",
                "body": {"text": "two"},
                "written_at": first.get("edited_at"),
            },
        ]
    with pytest.raises(NotAMember):
        await editing.versions(stranger, trip, 1)


async def test_the_same_words_again_change_nothing(
    ann: str, trip_of: NewTrip, say: Say, unchanged: Unchanged
):
    trip = await trip_of(ann)
    sent = (await say(ann, trip, "c1", "one @Ann")).message
    async with unchanged():
        assert await editing.edit(ann, trip, 1, {"text": "\none @Ann\n"}) == sent


async def test_versions_are_sealed_each_for_its_own_place(
    ann: str, trip_of: NewTrip, say: Say, caplog: pytest.LogCaptureFixture
):
    trip = await trip_of(ann)
    await say(ann, trip, "c1", "the first secret")
    for text in ("the second secret", "the third secret"):
        await editing.edit(ann, trip, 1, {"text": text})
    assert "secret" not in str(await dump())
    async with db.transaction() as session:
        stored = await session.get_one(Message, (await message(trip, 1))["id"])
        first, second = [await session.get_one(Version, (trip, 1, number)) for number in (1, 2)]
        first.body, second.body, stored.body = second.body, stored.body, first.body
    shown = [await message(trip, 1), *await editing.versions(ann, trip, 1)]
    assert [each["body"] for each in shown] == [{"text": "This message cannot be opened."}] * 3
    assert "secret" not in caplog.text


async def test_what_cannot_be_opened_cannot_be_edited(
    ann: str, trip_of: NewTrip, say: Say, unchanged: Unchanged
):
    trip = await trip_of(ann)
    sent = await say(ann, trip, "c1", "one")
    async with db.transaction() as session:
        (await session.get_one(Message, sent.message["id"])).body = b"\x01nonsense"
    async with unchanged():
        with pytest.raises(Conflict):
            await editing.edit(ann, trip, 1, {"text": "two"})
    await editing.remove(ann, trip, 1)
    assert (await message(trip, 1)).get("deleted")


async def test_of_a_deleted_message_only_its_place_remains(
    ann: str, ben: str, trip_of: NewTrip, say: Say, heard: list[Change]
):
    trip = await trip_of(ann, ben)
    sent = (await say(ben, trip, "c1", "one @Ann")).message
    await editing.edit(ben, trip, 1, {"text": "two @Ann"})
    await reactions.react(ann, trip, 1, "👍")
    heard.clear()
    left = await editing.remove(ben, trip, 1)
    assert heard == [MessageChanged(trip, left, frozenset({ann}))]
    assert left == await message(trip, 1)
    assert left == {**sent, "rev": 4, "body": {}, "deleted": True}
    stored = await dump()
    assert stored["version"] == stored["reaction"] == stored["mention"] == []
    assert stored["message"][0].body == b""
    assert await said_before(ann, trip, 1) == []


async def test_replies_to_a_deleted_message_say_so(ann: str, trip_of: NewTrip, say: Say):
    trip = await trip_of(ann)
    await say(ann, trip, "c1", "one")
    await messages.send(ann, trip, "c2", body={"text": "re"}, reply_to_seq=1)
    quoted = (await message(trip, 2)).get("quote", {})
    assert quoted == {"seq": 1, "rev": 1, "author_id": ann, "line": "one", "deleted": False}
    await editing.edit(ann, trip, 1, {"text": "*un*"})
    assert (await message(trip, 2)).get("quote") == {**quoted, "rev": 3, "line": "un"}
    await editing.remove(ann, trip, 1)
    gone = {**quoted, "rev": 4, "line": "", "deleted": True}
    assert (await message(trip, 2)).get("quote") == gone


async def test_deleting_again_does_nothing(
    ann: str, trip_of: NewTrip, say: Say, unchanged: Unchanged
):
    trip = await trip_of(ann)
    await say(ann, trip, "c1", "one")
    left = await editing.remove(ann, trip, 1)
    async with unchanged():
        assert await editing.remove(ann, trip, 1) == left


async def test_who_may_edit_and_delete(
    ann: str, ben: str, person: NewPerson, trip_of: NewTrip, say: Say, unchanged: Unchanged
):
    cleo = await person("Cleo")
    trip = await trip_of(ann, ben, cleo)
    await say(ben, trip, "c1", "one")
    async with unchanged():
        for other in (ann, cleo):
            with pytest.raises(NotAMember):
                await editing.edit(other, trip, 1, {"text": "two"})
        with pytest.raises(NotAMember):
            await editing.remove(cleo, trip, 1)
    assert (await editing.remove(ann, trip, 1)).get("deleted")


async def test_a_send_that_is_repeated_after_the_deletion_stays_deleted(
    ann: str, trip_of: NewTrip, say: Say, unchanged: Unchanged
):
    trip = await trip_of(ann)
    await say(ann, trip, "c1", "one")
    left = await editing.remove(ann, trip, 1)
    async with unchanged():
        again = await say(ann, trip, "c1", "one")
    assert again.repeated
    assert again.message == left
