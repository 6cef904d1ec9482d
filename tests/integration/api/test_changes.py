"""Changing messages over HTTP: editing, deleting, reacting."""

from datetime import datetime
from urllib.parse import quote

import httpx
import pytest

from tests.integration.api.conftest import assert_problem
from tests.integration.conftest import Unchanged

EMOJI = ["👍", "👍🏽", "❤️", "#️⃣", "*️⃣", "👩🏽‍🚀", "👨‍👩‍👧‍👦", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "🇵🇹", "©️"]


@pytest.fixture
async def channel(ann: httpx.AsyncClient, ben: httpx.AsyncClient, trip: str) -> str:
    """The messages of a trip of Ann and Ben: the first is hers, the second his."""
    code = (await ann.post(f"/api/trips/{trip}/invites")).json()["code"]
    await ben.post(f"/api/invites/{code}/accept")
    address = f"/api/trips/{trip}/messages"
    for client, text in ((ann, "one"), (ben, "two")):
        await client.post(address, json={"text": text, "client_id": "c1"})
    return address


async def read(client: httpx.AsyncClient, channel: str, seq: int = 1) -> dict[str, object]:
    page = (await client.get(f"{channel}?after={seq - 1}&limit=1")).json()
    return page["messages"][0]


# Editing.


async def test_edit(ann: httpx.AsyncClient, ben: httpx.AsyncClient, channel: str):
    before = await read(ben, channel)
    edited = await ann.put(f"{channel}/1", json={"text": "*uno*"})
    assert edited.status_code == 200
    seen = edited.json()
    assert seen == await read(ben, channel)
    assert seen == {
        **before,
        "text": "*uno*",
        "body": {"text": "*uno*", "html": "<em>uno</em>"},
        "edited_at": seen["edited_at"],
    }
    assert seen["edited_at"].endswith("Z")
    assert datetime.fromisoformat(seen["edited_at"]) >= datetime.fromisoformat(seen["sent_at"])
    again = await ann.put(f"{channel}/1", json={"text": "*uno*"})
    assert (again.status_code, again.json()) == (200, seen)
    versions = await ben.get(f"{channel}/1/versions")
    assert versions.json() == [
        {"number": 1, "kind": "text", "body": {"text": "one"}, "written_at": before["sent_at"]}
    ]


async def test_an_edit_with_mentions(ann: httpx.AsyncClient, ben: httpx.AsyncClient, channel: str):
    who = ben.headers["x-user-id"]
    edited = await ann.put(f"{channel}/1", json={"text": "@Ben!", "mentions": [who]})
    assert edited.json()["body"]["mentions"] == [who]
    [card] = (await ben.get("/api/trips")).json()
    assert card["mentions"] == 1


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "text"),
        ({"text": None}, "text"),
        ({"text": ""}, "text"),
        ({"text": 5}, "text"),
        ({"text": "x" * 4001}, "text"),
        ({"text": "bell \x07"}, "text"),
        ({"body": {}}, "text"),
        ({"body": "text"}, "body"),
        ({"text": "@Ann", "mentions": ["nobody"]}, "mentions"),
        ({"text": "@Ann", "mentions": "Ann"}, "mentions"),
        ({"text": "@Ann", "mentions": [5]}, "mentions"),
    ],
)
async def test_a_refused_edit_names_the_field(
    ann: httpx.AsyncClient,
    channel: str,
    unchanged: Unchanged,
    body: dict[str, object],
    field: str,
):
    async with unchanged():
        assert_problem(await ann.put(f"{channel}/1", json=body), 422, field)


@pytest.mark.parametrize("content", [b"", b"text", b"[]", b'"text"', b"\xff"])
async def test_a_malformed_edit(
    ann: httpx.AsyncClient, channel: str, unchanged: Unchanged, content: bytes
):
    headers = {"content-type": "application/json"}
    async with unchanged():
        answer = await ann.put(f"{channel}/1", content=content, headers=headers)
        if content:
            assert_problem(answer, 400)
        else:
            assert_problem(answer, 422, "text")


# Deleting.


async def test_delete(ann: httpx.AsyncClient, ben: httpx.AsyncClient, channel: str):
    await ann.post(channel, json={"text": "re", "client_id": "c3", "reply_to_seq": 2})
    before = await read(ann, channel, 2)
    for client in (ben, ben, ann):
        answer = await client.delete(f"{channel}/2")
        assert (answer.status_code, answer.content) == (204, b"")
    del before["text"]
    assert await read(ann, channel, 2) == {**before, "body": {}, "deleted": True}
    quoted = (await read(ann, channel, 3))["quote"]
    assert isinstance(quoted, dict)
    assert (quoted["line"], quoted["deleted"]) == ("", True)
    assert (await ann.get(f"{channel}/2/versions")).json() == []


async def test_an_organiser_deletes_anybodys(
    ann: httpx.AsyncClient, ben: httpx.AsyncClient, channel: str, unchanged: Unchanged
):
    async with unchanged():
        assert_problem(await ben.delete(f"{channel}/1"), 403)
    assert (await ann.delete(f"{channel}/2")).status_code == 204


# Reacting.


@pytest.mark.parametrize("emoji", EMOJI, ids=ascii)
async def test_react(ann: httpx.AsyncClient, ben: httpx.AsyncClient, channel: str, emoji: str):
    address = f"{channel}/1/reactions/{quote(emoji, safe='')}"
    for client in (ben, ann, ben):
        answer = await client.put(address)
        assert (answer.status_code, answer.content) == (204, b"")
    who = [client.headers["x-user-id"] for client in (ben, ann)]
    assert (await read(ann, channel))["reactions"] == [
        {"emoji": emoji, "count": 2, "user_ids": who}
    ]
    for client in (ben, ann, ben):
        answer = await client.delete(address)
        assert (answer.status_code, answer.content) == (204, b"")
    assert "reactions" not in await read(ann, channel)


async def test_reactions_stand_in_the_order_in_which_they_came(
    ann: httpx.AsyncClient, ben: httpx.AsyncClient, channel: str
):
    for client, emoji in ((ben, "🎉"), (ann, "👍"), (ann, "🎉"), (ben, "❤"), (ben, "👍")):
        await client.put(f"{channel}/1/reactions/{quote(emoji)}")
    await ben.delete(f"{channel}/1/reactions/{quote('🎉')}")
    reactions = (await read(ann, channel))["reactions"]
    assert isinstance(reactions, list)
    assert [(each["emoji"], each["count"]) for each in reactions] == [
        ("👍", 2),
        ("🎉", 1),
        ("❤️", 1),
    ]


@pytest.mark.parametrize(
    "emoji",
    ["a", "1", "%23", "thumbsup", "👍👍", "👍a", "%F0%9F", "%00", "%20", "🇵🇹🇩🇪", "x" * 5000],
)
async def test_what_is_no_emoji_is_refused(
    ann: httpx.AsyncClient, channel: str, unchanged: Unchanged, emoji: str
):
    async with unchanged():
        for method in ("PUT", "DELETE"):
            answer = await ann.request(method, f"{channel}/1/reactions/{quote(emoji, safe='%')}")
            assert_problem(answer, 422, "emoji")


async def test_at_most_20_different(
    ann: httpx.AsyncClient, ben: httpx.AsyncClient, channel: str, unchanged: Unchanged
):
    faces = [quote(chr(0x1F600 + n)) for n in range(21)]
    for face in faces[:20]:
        assert (await ann.put(f"{channel}/1/reactions/{face}")).status_code == 204
    async with unchanged():
        assert "20" in assert_problem(await ben.put(f"{channel}/1/reactions/{faces[20]}"), 409)
    assert (await ben.put(f"{channel}/1/reactions/{faces[0]}")).status_code == 204
    assert (await ben.put(f"{channel}/2/reactions/{faces[20]}")).status_code == 204


# Who may do what to which message.


def every_call(
    client: httpx.AsyncClient, message: str
) -> list[tuple[str, str, dict[str, str] | None]]:
    """Method, address and body of each change of a message."""
    thumb = f"{message}/reactions/{quote('👍')}"
    return [
        ("PUT", message, {"text": "new"}),
        ("DELETE", message, None),
        ("PUT", thumb, None),
        ("DELETE", thumb, None),
        ("GET", f"{message}/versions", None),
    ]


async def test_who_may_not(
    ann: httpx.AsyncClient,
    ben: httpx.AsyncClient,
    client: httpx.AsyncClient,
    channel: str,
    unchanged: Unchanged,
):
    other = (await ann.post("/api/trips", json={"title": "Not Ben's"})).json()["trip_id"]
    await ann.post(f"/api/trips/{other}/messages", json={"text": "one", "client_id": "c1"})
    alien = {"origin": "https://evil.example"}
    async with unchanged():
        for method, address, body in every_call(ben, f"/api/trips/{other}/messages/1"):
            assert_problem(await ben.request(method, address, json=body), 403)
        for method, address, body in every_call(client, f"{channel}/1"):
            assert_problem(await client.request(method, address, json=body), 401)
            if method != "GET":
                answer = await ann.request(method, address, json=body, headers=alien)
                assert_problem(answer, 403)
        assert_problem(await ben.put(f"{channel}/1", json={"text": "new"}), 403)


async def test_what_is_not_there(ann: httpx.AsyncClient, channel: str, unchanged: Unchanged):
    messages = [
        *(
            f"{channel}/{seq}"
            for seq in ("3", "0", "-1", "1.0", "x", "%D9%A1", "9" * 15, "9" * 500)
        ),
        *(f"/api/trips/{trip}/messages/1" for trip in ("nosuchtrip12", "%00", "a%20b", "x" * 99)),
    ]
    async with unchanged():
        for message in messages:
            for method, address, body in every_call(ann, message):
                assert_problem(await ann.request(method, address, json=body), 404)


async def test_of_a_deleted_message_nothing_can_be_changed(
    ann: httpx.AsyncClient, channel: str, unchanged: Unchanged
):
    await ann.delete(f"{channel}/1")
    async with unchanged():
        for method, address, body in every_call(ann, f"{channel}/1"):
            if method != "GET" and (address, method) != (f"{channel}/1", "DELETE"):
                assert_problem(await ann.request(method, address, json=body), 409)
        reply = {"text": "re", "client_id": "c9", "reply_to_seq": 1}
        assert_problem(await ann.post(channel, json=reply), 422, "reply_to_seq")


async def test_other_methods(ann: httpx.AsyncClient, channel: str):
    answer = await ann.post(f"{channel}/1")
    assert_problem(answer, 405)
    assert answer.headers["allow"] == "DELETE, PUT"
