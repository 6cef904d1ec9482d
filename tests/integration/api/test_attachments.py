"""Photos and files by HTTP: uploading, sending, reading, taking back."""

import io

import httpx
from PIL import Image


def jpeg(width: int = 60, height: int = 40) -> bytes:
    """A small photo."""
    out = io.BytesIO()
    Image.new("RGB", (width, height), "teal").save(out, "JPEG")
    return out.getvalue()


async def uploaded(client: httpx.AsyncClient, trip: str, name: str, content: bytes) -> dict:
    answer = await client.post(f"/api/trips/{trip}/attachments", files={"file": (name, content)})
    assert answer.status_code == 201, answer.text
    return answer.json()


async def sent(client: httpx.AsyncClient, trip: str, *ids: str, **more: str) -> dict:
    body = {"client_id": "c1", "attachment_ids": [*ids], **more}
    answer = await client.post(f"/api/trips/{trip}/messages", json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()


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
    assert answer.headers["content-disposition"] == 'attachment; filename="data.bin"'


async def test_a_photo_is_shown_and_has_a_thumbnail(ann: httpx.AsyncClient, trip: str):
    attachment = await uploaded(ann, trip, "beach.jpg", jpeg(1000, 500))
    assert (attachment["width"], attachment["height"]) == (1000, 500)
    assert attachment["type"] == "image/jpeg"
    address = f"/api/attachments/{attachment['attachment_id']}"
    photo = await ann.get(address)
    assert photo.headers["content-type"] == "image/jpeg"
    assert photo.headers["content-disposition"] == 'inline; filename="beach.jpg"'
    assert len(photo.content) == attachment["size"]
    thumb = await ann.get(address, params={"size": "thumb"})
    assert thumb.headers["content-type"] == "image/webp"
    assert Image.open(io.BytesIO(thumb.content)).size == (640, 320)


async def test_a_message_has_files(ann: httpx.AsyncClient, trip: str):
    photo = await uploaded(ann, trip, "beach.jpg", jpeg())
    file = await uploaded(ann, trip, "notes.txt", b"pack socks")
    await sent(ann, trip, photo["attachment_id"], file["attachment_id"])
    [message] = (await ann.get(f"/api/trips/{trip}/messages")).json()["messages"]
    assert message["text"] == ""
    assert message["attachments"] == [photo, file]
    assert message["body"] == {"text": "", "attachments": [photo, file]}
