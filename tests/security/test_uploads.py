"""Uploads by those who mean harm: what files pretend to be, what they hide, how far they unfold."""

from __future__ import annotations

import io
import secrets
import zipfile
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image

from tests.integration.api.conftest import NewClient, SignedIn, assert_problem
from tests.kit import pictures
from tripchat import files
from tripchat.files.store import BlobMissing
from tripchat.files.types import ANYTHING
from tripchat.sealing import SealBroken
from tripchat.services import attachments, editing
from tripchat.settings import Settings

SCRIPT = b"<script>alert(document.cookie)</script>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script></svg>'
SHOWN = {"image/jpeg", "image/png", "image/webp", "image/gif"}


@pytest.fixture
async def ana(signed_in: SignedIn) -> httpx.AsyncClient:
    return await signed_in("Ana")


@pytest.fixture
async def trip(ana: httpx.AsyncClient) -> str:
    """A trip of Ana's."""
    return (await ana.post("/api/trips", json={"title": "Oak"})).json()["trip_id"]


@pytest.fixture
async def bo(signed_in: SignedIn, ana: httpx.AsyncClient, trip: str) -> httpx.AsyncClient:
    """Somebody else in it."""
    bo = await signed_in("Bo")
    code = (await ana.post(f"/api/trips/{trip}/invites", json={})).json()["code"]
    await bo.post(f"/api/invites/{code}/accept")
    return bo


async def post(
    client: httpx.AsyncClient, trip: str, content: bytes, name: str = "a.jpg", **said: Any
) -> httpx.Response:
    file = {"file": (name, content, said.pop("type", "image/jpeg"))}
    return await client.post(f"/api/trips/{trip}/attachments", files=file, **said)


async def upload(
    client: httpx.AsyncClient, trip: str, content: bytes, name: str = "a.jpg", **said: Any
) -> dict[str, Any]:
    answer = await post(client, trip, content, name, **said)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def get(client: httpx.AsyncClient, attachment: dict[str, Any], **query: str):
    return await client.get(f"/api/attachments/{attachment['attachment_id']}", params=query)


async def send(client: httpx.AsyncClient, trip: str, *attachments: dict[str, Any]) -> None:
    message = {
        "client_id": secrets.token_hex(8),
        "attachment_ids": [each["attachment_id"] for each in attachments],
    }
    (await client.post(f"/api/trips/{trip}/messages", json=message)).raise_for_status()


async def stored() -> set[str]:
    return {blob.name async for blob in files.store().blobs()}


def archive(name: str = "evil.js", content: bytes = SCRIPT) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        packed.writestr(name, content)
    return out.getvalue()


# False types.


@pytest.mark.parametrize("name", ["a.jpg", "a.html", "a.svg", "a.png", "a.txt", "a"])
@pytest.mark.parametrize(
    "content",
    [
        b"<!DOCTYPE html><html>" + SCRIPT,
        b"\n\t " + SCRIPT,
        "\ufeff".encode() + SCRIPT,
        SVG,
        b'<?xml version="1.0"?>' + SVG,
        b"<!-- GIF89a -->" + SCRIPT,
        ("<html>" + SCRIPT.decode()).encode("utf-16"),
        b"\0" + SCRIPT,
    ],
)
@pytest.mark.parametrize("said", ["image/jpeg", "text/html"])
async def test_what_a_browser_might_run_is_a_download_of_bytes(
    ana: httpx.AsyncClient, trip: str, content: bytes, name: str, said: str
):
    attachment = await upload(ana, trip, content, name, type=said)
    assert attachment["type"] == ANYTHING
    assert "width" not in attachment
    answer = await get(ana, attachment)
    assert answer.content == content
    assert answer.headers["content-type"] == ANYTHING
    assert answer.headers["content-disposition"].startswith("attachment;")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"] == "sandbox; default-src 'none'"
    assert_problem(await get(ana, attachment, size="thumb"), 404)


@pytest.mark.parametrize(
    "content",
    [
        b"GIF89a/*" + SCRIPT + b"*/=1;alert(1)",
        b"GIF87a" + SVG,
        b"\xff\xd8\xff\xe0" + SCRIPT,
        b"\x89PNG\r\n\x1a\n" + SCRIPT,
        b"RIFF\x20\0\0\0WEBP" + SCRIPT,
        b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + SCRIPT,
        pictures.picture("JPEG")[:200],
        pictures.picture("PNG")[:60],
        pictures.picture("WEBP")[:40],
        pictures.picture("HEIF")[:200],
    ],
)
async def test_what_only_begins_like_a_picture_is_refused(
    ana: httpx.AsyncClient, trip: str, content: bytes
):
    detail = assert_problem(await post(ana, trip, content), 422, "file")
    assert detail.startswith("This picture cannot be read")
    assert await stored() == set()


# Polyglots: real pictures that are something else as well.


def gif_and_html() -> bytes:
    frame = Image.new("P", (0x2F2A % 300, 40))  # its size begins a comment: /*
    return pictures.saved(frame, "GIF", comment=b"*/=1;" + SCRIPT)


@pytest.mark.parametrize(
    "content",
    [
        gif_and_html(),
        pictures.with_comment(SCRIPT),
        pictures.picture("JPEG") + archive(),
        pictures.picture("PNG") + archive(),
        pictures.picture("PNG") + SCRIPT,
        pictures.picture("GIF") + SCRIPT,
        pictures.picture("WEBP") + SCRIPT,
        pictures.picture("WEBP", exif=b"Exif\0\0" + SCRIPT),
        pictures.picture("PNG", pnginfo=None, exif=b"Exif\0\0" + SCRIPT),
        pictures.picture("JPEG", icc_profile=SCRIPT),
    ],
)
async def test_of_a_picture_that_is_something_else_as_well_only_the_picture_stays(
    ana: httpx.AsyncClient, trip: str, content: bytes
):
    assert SCRIPT in content or b"PK\x03\x04" in content
    attachment = await upload(ana, trip, content, "photo.html")
    assert attachment["type"] in SHOWN
    assert attachment["name"].endswith((".jpg", ".png", ".webp"))
    for answer in (await get(ana, attachment), await get(ana, attachment, size="thumb")):
        assert answer.headers["content-type"] in SHOWN
        assert b"script" not in answer.content
        assert b"PK\x03\x04" not in answer.content
        pictures.opened(answer.content)


# Bombs.


@pytest.mark.parametrize(
    "content",
    [
        pictures.huge_png(50_000, 50_000),
        pictures.huge_png(2_000_000_000, 2_000_000_000),
        pictures.huge_png(1, 60_000_000),
        pictures.flat_png(8_000),
    ],
)
async def test_a_picture_that_unfolds_too_far_is_refused(
    ana: httpx.AsyncClient, trip: str, content: bytes
):
    assert len(content) < 1_000_000
    detail = assert_problem(await post(ana, trip, content, "a.png"), 422, "file")
    assert detail.startswith("This picture")
    assert await stored() == set()
    await upload(ana, trip, pictures.picture())


async def test_of_a_long_animation_the_first_picture_stays(ana: httpx.AsyncClient, trip: str):
    attachment = await upload(ana, trip, pictures.long_gif(3000), "dance.gif")
    image = pictures.opened((await get(ana, attachment)).content)
    assert getattr(image, "n_frames", 1) == 1
    assert image.size == (200, 200)


async def test_a_text_bomb_in_a_picture_does_no_harm(ana: httpx.AsyncClient, trip: str):
    from PIL.PngImagePlugin import PngInfo

    info = PngInfo()
    for n in range(40):
        info.add_text(f"t{n}", "x" * 1_000_000, zip=True)
    content = pictures.picture("PNG", pnginfo=info)
    assert len(content) < 100_000
    answer = await post(ana, trip, content)
    assert answer.status_code in (201, 422)
    await upload(ana, trip, pictures.picture())


# Names.


@pytest.mark.parametrize(
    "name",
    [
        "../../../etc/passwd",
        "..\\..\\secret.key",
        "/etc/passwd",
        "%2e%2e%2fsecret.key",
        "a\x00b.txt",
        "con.txt",
        'a"; filename="evil.html',
        "a\r\nX-Evil: 1",
        "\u202etxt.exe",
        "<img src=x onerror=alert(1)>.txt",
        "'; DROP TABLE attachment; --",
        "x" * 3000,
        "🏖️.txt",
        "",
        ".",
        "..",
    ],
)
async def test_a_name_is_text_and_nothing_else(
    ana: httpx.AsyncClient, trip: str, name: str, opened: Settings
):
    before = {path for path in opened.data.rglob("*") if path.is_file()}
    attachment = await upload(ana, trip, b"pack socks", name, type="text/plain")
    kept = attachment["name"]
    assert 0 < len(kept) <= 200
    assert not set(kept) & set("/\\\r\n\0\u202e")
    answer = await get(ana, attachment)
    assert "x-evil" not in answer.headers
    said = answer.headers["content-disposition"]
    assert said.startswith("attachment; filename=")
    assert said.count('"') == 2
    new = {path for path in opened.data.rglob("*") if path.is_file()} - before
    assert {path.parent.parent for path in new if "tripchat.db" not in path.name} == {
        opened.files_folder
    }


# Others.


async def test_who_may_not_have_a_file_does_not_get_it(
    ana: httpx.AsyncClient,
    bo: httpx.AsyncClient,
    signed_in: SignedIn,
    client: httpx.AsyncClient,
    trip: str,
):
    eve = await signed_in("Eve")
    own = (await eve.post("/api/trips", json={"title": "Eve's"})).json()["trip_id"]
    photo = await upload(ana, trip, pictures.picture())
    await send(ana, trip, photo)
    assert (await get(bo, photo)).status_code == 200
    await ana.delete(f"/api/trips/{trip}/members/{bo.headers['x-user-id']}")
    address = f"/api/attachments/{photo['attachment_id']}"
    for who, status in ((client, 401), (eve, 403), (bo, 403)):
        for query in ({}, {"size": "thumb"}):
            for headers in ({}, {"range": "bytes=0-"}, {"if-none-match": "*"}):
                answer = await who.get(address, params=query, headers=headers)
                assert_problem(answer, status)
            assert (await who.head(address, params=query)).status_code == status
    assert_problem(await client.delete(address), 401)
    for who in (eve, bo):
        assert_problem(await who.delete(address), 404)
        # Nor can it be had by way of a message of one's own.
        message = {"client_id": "c1", "attachment_ids": [photo["attachment_id"]]}
        where = own if who is eve else trip
        answer = await who.post(f"/api/trips/{where}/messages", json=message)
        if who is eve:
            assert_problem(answer, 422, "attachment_ids")
        else:
            assert_problem(answer, 403)
    assert (await get(ana, photo)).status_code == 200


async def test_an_unsent_file_is_nobody_elses(
    ana: httpx.AsyncClient, bo: httpx.AsyncClient, trip: str
):
    photo = await upload(ana, trip, pictures.picture())
    assert_problem(await get(bo, photo), 404)
    message = {"client_id": "c1", "text": "mine!", "attachment_ids": [photo["attachment_id"]]}
    answer = await bo.post(f"/api/trips/{trip}/messages", json=message)
    assert_problem(answer, 422, "attachment_ids")
    assert_problem(await bo.delete(f"/api/attachments/{photo['attachment_id']}"), 404)
    await send(ana, trip, photo)


@pytest.mark.parametrize(
    "guess", ["x", "A" * 12, "..%2f..%2fsecret.key", "%00", "-" * 64, "a" * 500, "é", "' OR 1=1"]
)
async def test_guessed_ids_find_nothing(ana: httpx.AsyncClient, trip: str, guess: str):
    await upload(ana, trip, pictures.picture())
    assert_problem(await ana.get(f"/api/attachments/{guess}"), 404)
    assert_problem(await ana.delete(f"/api/attachments/{guess}"), 404)


async def test_the_name_of_a_blob_is_no_address(ana: httpx.AsyncClient, trip: str):
    await upload(ana, trip, pictures.picture())
    for name in await stored():
        assert_problem(await ana.get(f"/api/attachments/{name}"), 404)


# Pages of other sites.


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://trips.example.evil.example"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "cross-site", "origin": "http://trips.example"},
    ],
)
async def test_no_page_of_another_site_uploads_for_a_visitor(
    ana: httpx.AsyncClient, trip: str, headers: dict[str, str]
):
    assert_problem(await post(ana, trip, b"pack socks", headers=headers), 403)
    assert await stored() == set()


@pytest.mark.parametrize(
    "headers", [{}, {"origin": "http://trips.example", "sec-fetch-site": "same-origin"}]
)
async def test_programs_and_the_sites_own_pages_do(
    ana: httpx.AsyncClient, trip: str, headers: dict[str, str]
):
    assert (await post(ana, trip, b"pack socks", headers=headers)).status_code == 201


# What is on the disk.


def lies_in(folder: Path, *secrets: bytes) -> list[str]:
    """The files that hold any of these bytes, in them or in their names."""
    return [
        file.name
        for file in folder.rglob("*")
        if file.is_file()
        for secret in secrets
        if secret in file.read_bytes() or secret in file.name.encode()
    ]


async def test_neither_bytes_nor_names_nor_places_lie_on_the_disk(
    ana: httpx.AsyncClient, trip: str, opened: Settings
):
    text, name = b"The treasure is under the oak. " * 5000, "Schatzkarte"
    sent = [
        await upload(ana, trip, text, f"{name}.txt"),
        await upload(ana, trip, pictures.taken_somewhere("JPEG"), f"{name}.jpg"),
        await upload(ana, trip, pictures.taken_somewhere("HEIF"), f"{name}.heic"),
    ]
    await send(ana, trip, *sent)
    await upload(ana, trip, pictures.picture("PNG", (700, 700)), f"{name}.png")
    photo = (await get(ana, sent[1])).content
    looked_for = (
        text[:40],
        name.encode(),
        name.encode("utf-16-le"),
        pictures.PLACE.encode(),
        b"Kamerawerk",
        b"\xff\xd8\xff\xe0\x00\x10JFIF",
        b"\x89PNG\r\n\x1a\n",
        b"ftypheic",
        photo[100:140],
    )
    (opened.data / "found").write_bytes(b"before" + text[:40] + b"after")
    assert lies_in(opened.data, *looked_for) == ["found"]
    (opened.data / "found").unlink()


@pytest.mark.parametrize("what", ["swapped", "shorter", "changed", "copied"])
async def test_bytes_that_were_tampered_with_are_not_served(
    ana: httpx.AsyncClient, trip: str, opened: Settings, what: str
):
    one = await upload(ana, trip, b"a" * 200_000, "a.bin")
    await upload(ana, trip, b"b" * 200_000, "b.bin")
    paths = sorted(path for path in opened.files_folder.rglob("*") if path.is_file())
    contents = [path.read_bytes() for path in paths]
    changed = {
        "swapped": lambda own, other: other,
        "shorter": lambda own, other: own[:-1],
        "changed": lambda own, other: own[:100_000] + bytes([own[100_000] ^ 1]) + own[100_001:],
        "copied": lambda own, other: own[65_552:131_104] + own[65_552:],
    }[what]
    for path, own, other in zip(paths, contents, reversed(contents), strict=True):
        path.write_bytes(changed(own, other))
    found = await attachments.find(ana.headers["x-user-id"], one["attachment_id"])
    served, pieces = b"", found.read()

    async def read_all() -> None:
        nonlocal served
        async for piece in pieces:
            served += piece

    with pytest.raises((SealBroken, BlobMissing)):
        await read_all()
    assert served == b"a" * len(served)
    assert len(served) < 200_000
    if what == "swapped":
        assert (await get(ana, one)).status_code == 500


async def test_a_deleted_message_leaves_no_bytes(
    ana: httpx.AsyncClient, trip: str, opened: Settings
):
    photo = await upload(ana, trip, pictures.picture())
    await send(ana, trip, photo)
    await editing.remove(ana.headers["x-user-id"], trip, 1)
    assert [path for path in opened.files_folder.rglob("*") if path.is_file()] == []
    assert_problem(await get(ana, photo), 404)


async def test_another_session_of_the_same_person_may(
    new_client: NewClient, ana: httpx.AsyncClient, trip: str
):
    photo = await upload(ana, trip, pictures.picture())
    other = await new_client()
    assert (await get(other, photo)).status_code == 401
    other.cookies = ana.cookies
    assert (await get(other, photo)).status_code == 200
