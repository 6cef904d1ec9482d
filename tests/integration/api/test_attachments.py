"""Photos and files by HTTP: uploading, sending, reading, taking back."""

from collections.abc import AsyncIterator

import httpx
import pytest

from tests.integration.api.conftest import SignedIn, assert_problem
from tests.kit import pictures
from tripchat import files
from tripchat.settings import get_settings

BOUNDARY = "cut-here"
FORM = {"content-type": f"multipart/form-data; boundary={BOUNDARY}"}


@pytest.fixture
async def ben(signed_in: SignedIn, ann: httpx.AsyncClient, trip: str) -> httpx.AsyncClient:
    """Somebody else in the trip."""
    ben = await signed_in("Ben")
    code = (await ann.post(f"/api/trips/{trip}/invites")).json()["code"]
    await ben.post(f"/api/invites/{code}/accept")
    return ben


async def uploaded(
    client: httpx.AsyncClient, trip: str, name: str = "list.txt", content: bytes = b"pack socks"
) -> dict:
    answer = await client.post(f"/api/trips/{trip}/attachments", files={"file": (name, content)})
    assert answer.status_code == 201, answer.text
    return answer.json()


async def address_of(client: httpx.AsyncClient, trip: str, content: bytes, name: str = "a") -> str:
    return f"/api/attachments/{(await uploaded(client, trip, name, content))['attachment_id']}"


async def sent(client: httpx.AsyncClient, trip: str, *ids: str, **more: str) -> dict:
    body = {"client_id": "c1", "attachment_ids": [*ids], **more}
    answer = await client.post(f"/api/trips/{trip}/messages", json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def stored() -> set[str]:
    return {blob.name async for blob in files.store().blobs()}


def part(content: bytes, name: str = "file", filename: str | None = "a.txt") -> bytes:
    said = f'form-data; name="{name}"' + (f'; filename="{filename}"' if filename else "")
    head = f"--{BOUNDARY}\r\nContent-Disposition: {said}\r\n\r\n"
    return head.encode() + content + b"\r\n"


END = f"--{BOUNDARY}--\r\n".encode()


async def test_a_file_is_what_was_uploaded(ann: httpx.AsyncClient, trip: str):
    content = bytes(range(256)) * 1000
    attachment = await uploaded(ann, trip, "data.bin", content)
    assert attachment == {
        "attachment_id": attachment["attachment_id"],
        "name": "data.bin",
        "type": "application/octet-stream",
        "size": len(content),
    }
    answer = await ann.get(f"/api/attachments/{attachment['attachment_id']}")
    assert answer.status_code == 200
    assert answer.content == content
    assert answer.headers["content-length"] == str(len(content))
    assert answer.headers["content-disposition"] == 'attachment; filename="data.bin"'


async def test_a_photo_is_shown_and_has_a_thumbnail(ann: httpx.AsyncClient, trip: str):
    attachment = await uploaded(ann, trip, "beach.jpg", pictures.picture("JPEG", (1000, 500)))
    assert (attachment["width"], attachment["height"]) == (1000, 500)
    assert attachment["type"] == "image/jpeg"
    address = f"/api/attachments/{attachment['attachment_id']}"
    photo = await ann.get(address)
    assert photo.headers["content-type"] == "image/jpeg"
    assert photo.headers["content-disposition"] == 'inline; filename="beach.jpg"'
    assert len(photo.content) == attachment["size"]
    thumb = await ann.get(address, params={"size": "thumb"})
    assert thumb.headers["content-type"] == "image/webp"
    assert pictures.opened(thumb.content).size == (640, 320)


async def test_a_message_has_files(ann: httpx.AsyncClient, trip: str):
    photo = await uploaded(ann, trip, "beach.jpg", pictures.picture())
    file = await uploaded(ann, trip, "notes.txt", b"pack socks")
    await sent(ann, trip, photo["attachment_id"], file["attachment_id"])
    [message] = (await ann.get(f"/api/trips/{trip}/messages")).json()["messages"]
    assert message["text"] == ""
    assert message["attachments"] == [photo, file]
    assert message["body"] == {"text": "", "attachments": [photo, file]}


async def test_what_cannot_be_sent_names_its_field(ann: httpx.AsyncClient, trip: str):
    for ids in (["unknown"], "unknown", [1], ["x"] * 11):
        message = {"client_id": "c1", "text": "hello", "attachment_ids": ids}
        answer = await ann.post(f"/api/trips/{trip}/messages", json=message)
        assert_problem(answer, 422, "attachment_ids")
    assert (await ann.get(f"/api/trips/{trip}/messages")).json()["messages"] == []


async def test_every_answer_is_for_this_browser_and_runs_nothing(ann: httpx.AsyncClient, trip: str):
    for content in (b"pack socks", pictures.picture()):
        address = await address_of(ann, trip, content)
        answers = [
            await ann.get(address),
            await ann.head(address),
            await ann.get(address, headers={"range": "bytes=0-3"}),
        ]
        for answer in answers:
            assert answer.headers["cache-control"] == "private, no-cache"
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert answer.headers["content-security-policy"] == "sandbox; default-src 'none'"
            assert answer.headers["cross-origin-resource-policy"] == "same-origin"


async def test_a_part_of_a_file(ann: httpx.AsyncClient, trip: str):
    content = bytes(range(256)) * 1000
    address = await address_of(ann, trip, content)
    answer = await ann.get(address, headers={"range": "bytes=65530-65545"})
    assert answer.status_code == 206
    assert answer.content == content[65530:65546]
    assert answer.headers["content-range"] == f"bytes 65530-65545/{len(content)}"
    assert answer.headers["accept-ranges"] == "bytes"
    last = await ann.get(address, headers={"range": "bytes=-5"})
    assert last.content == content[-5:]
    beyond = await ann.get(address, headers={"range": f"bytes={len(content)}-"})
    assert_problem(beyond, 416)
    assert beyond.headers["content-range"] == f"bytes */{len(content)}"
    changed = {"range": "bytes=0-3", "if-range": '"another"'}
    whole = await ann.get(address, headers=changed)
    assert (whole.status_code, whole.content) == (200, content)
    same = await ann.get(address, headers={**changed, "if-range": answer.headers["etag"]})
    assert (same.status_code, same.content) == (206, content[:4])


async def test_only_the_head(ann: httpx.AsyncClient, trip: str):
    address = await address_of(ann, trip, b"pack socks")
    head, whole = await ann.head(address), await ann.get(address)
    assert head.status_code == 200
    assert head.content == b""
    assert head.headers == whole.headers


async def test_what_the_browser_has_is_not_sent_again_to_members_alone(
    ann: httpx.AsyncClient, ben: httpx.AsyncClient, trip: str
):
    attachment = await uploaded(ann, trip)
    await sent(ann, trip, attachment["attachment_id"])
    address = f"/api/attachments/{attachment['attachment_id']}"
    known = {"if-none-match": (await ben.get(address)).headers["etag"]}
    answer = await ben.get(address, headers=known)
    assert (answer.status_code, answer.content) == (304, b"")
    assert answer.headers["cache-control"] == "private, no-cache"
    await ann.delete(f"/api/trips/{trip}/members/{ben.headers['x-user-id']}")
    for headers in ({}, known, {"range": "bytes=0-3"}):
        assert_problem(await ben.get(address, headers=headers), 403)
    assert (await ben.head(address)).status_code == 403


async def test_photo_and_thumbnail_are_known_apart(ann: httpx.AsyncClient, trip: str):
    address = await address_of(ann, trip, pictures.picture())
    photo, thumb = await ann.get(address), await ann.get(address, params={"size": "thumb"})
    assert photo.headers["etag"] != thumb.headers["etag"]


async def test_other_sizes(ann: httpx.AsyncClient, trip: str):
    address = await address_of(ann, trip, b"pack socks")
    assert_problem(await ann.get(address, params={"size": "thumb"}), 404)
    assert_problem(await ann.get(address, params={"size": "huge"}), 422, "size")


async def test_taking_an_upload_back(ann: httpx.AsyncClient, ben: httpx.AsyncClient, trip: str):
    attachment = await uploaded(ann, trip)
    address = f"/api/attachments/{attachment['attachment_id']}"
    assert_problem(await ben.delete(address), 404)
    answer = await ann.delete(address)
    assert (answer.status_code, answer.content) == (204, b"")
    assert await stored() == set()
    assert_problem(await ann.get(address), 404)
    assert_problem(await ann.delete(address), 404)


async def test_a_file_that_is_too_large_is_refused_before_it_has_come(
    ann: httpx.AsyncClient, trip: str
):
    most = get_settings().attachment_max_bytes
    sent_pieces = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent_pieces
        yield part(b"")[:-2]
        while True:
            sent_pieces += 1
            yield b"x" * 1_000_000

    url = f"/api/trips/{trip}/attachments"
    declared = {**FORM, "content-length": str(most + 1_000_000)}
    said = await ann.post(url, headers=declared, content=endless())
    assert assert_problem(said, 413) == "The file is larger than 25 MB."
    assert sent_pieces <= 2
    assert await stored() == set()


@pytest.mark.parametrize("declared", [False, True])
async def test_a_file_may_have_exactly_the_most(
    ann: httpx.AsyncClient, trip: str, monkeypatch: pytest.MonkeyPatch, declared: bool
):
    monkeypatch.setenv("TRIPCHAT_ATTACHMENT_MAX_MB", "1")
    get_settings.cache_clear()
    url = f"/api/trips/{trip}/attachments"
    for more, status in ((0, 201), (1, 413)):
        content = part(b"x" * (1024 * 1024 + more)) + END

        async def pieces(content: bytes = content) -> AsyncIterator[bytes]:
            for at in range(0, len(content), 60_000):
                yield content[at : at + 60_000]

        answer = await ann.post(url, headers=FORM, content=content if declared else pieces())
        assert answer.status_code == status, answer.text
    assert len(await stored()) == 1


@pytest.mark.parametrize("step", [1, 7, 1000])
async def test_a_form_may_come_in_any_pieces(ann: httpx.AsyncClient, trip: str, step: int):
    content = b"\r\n--cut-her\r\n\r\n--cut\r--cut-here\n--cut-here-" * 20  # never the whole of it
    form = part(b"before", "note", None) + part(content) + part(b"after", "note", None) + END

    async def pieces() -> AsyncIterator[bytes]:
        for at in range(0, len(form), step):
            yield form[at : at + step]

    answer = await ann.post(f"/api/trips/{trip}/attachments", headers=FORM, content=pieces())
    assert answer.status_code == 201, answer.text
    stored = await ann.get(f"/api/attachments/{answer.json()['attachment_id']}")
    assert stored.content == content
    assert answer.json()["name"] == "a.txt"


@pytest.mark.parametrize(
    ("content", "headers", "status"),
    [
        (part(b"x") + part(b"y") + END, FORM, 400),
        (part(b"x", "other") + END, FORM, 422),
        (part(b"") + END, FORM, 422),
        (part(b"x" * 100_000)[:-50_000], FORM, 400),
        (part(b"x"), FORM, 400),
        (b"", {**FORM, "content-length": "0"}, 400),
        (b"nothing like it", FORM, 400),
        (END, FORM, 422),
        (part(b"x") + END, {"content-type": "multipart/form-data"}, 400),
        (part(b"x") + END, {"content-type": "multipart/form-data; boundary="}, 400),
        (part(b"x") + END, {"content-type": f"multipart/form-data; boundary={'b' * 300}"}, 400),
        (part(b"x" * 100_000, "note") + part(b"x") + END, FORM, 400),
        (part(b"x", filename="f" * 20_000) + END, FORM, 400),
        (part(b"x") + END, {"content-type": "application/json"}, 400),
        (b'{"file": "x"}', {"content-type": "application/json"}, 400),
        (b"file=x", {"content-type": "application/x-www-form-urlencoded"}, 400),
        (b"file=x", {"content-type": "text/plain"}, 400),
        (b"file=x", {}, 400),
    ],
)
async def test_what_is_no_form_with_a_file_changes_nothing(
    ann: httpx.AsyncClient, trip: str, content: bytes, headers: dict[str, str], status: int
):
    answer = await ann.post(f"/api/trips/{trip}/attachments", headers=headers, content=content)
    assert_problem(answer, status, "file" if status == 422 else None)
    assert await stored() == set()


async def test_who_may_not_upload_is_told_before_anything_is_read(
    ann: httpx.AsyncClient, signed_in: SignedIn, client: httpx.AsyncClient, trip: str
):
    async def never() -> AsyncIterator[bytes]:
        raise AssertionError("the form is read")
        yield b""

    stranger = await signed_in("Cem")
    for who, where, status in (
        (client, trip, 401),
        (stranger, trip, 403),
        (ann, "unknown", 404),
    ):
        answer = await who.post(f"/api/trips/{where}/attachments", headers=FORM, content=never())
        assert_problem(answer, status)
