"""Photos and files: taking them in, giving them out, and leaving nothing of them.

An upload is a row and its blobs, first without a message. The blobs are written first and removed
last: a crash may leave a blob that nobody can open, never a message whose photo is gone.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import Connection, and_, bindparam, delete, func, insert, select
from sqlmodel import col

from tripchat import clock, db, files
from tripchat.errors import Invalid, NotAMember, NotFound, Refused, TooMany, Unavailable
from tripchat.files import chunks, names, sealed, types
from tripchat.files.spool import spool
from tripchat.files.store import new_name
from tripchat.ids import looks_like_id, new_id
from tripchat.models import Attachment, Member
from tripchat.photos.remaking import SHOWN, SOURCES, remade
from tripchat.sealing import sealer
from tripchat.services import acts
from tripchat.services.access import may, not_a_member, place_in
from tripchat.settings import get_settings
from tripchat.views import AttachmentView

log = logging.getLogger(__name__)

MESSAGES_WORTH = 5
"""How many messages' worth of uploads a person may have that no message has yet."""

THUMB_TYPE = "image/webp"


@dataclass(frozen=True)
class Download:
    """Something that a member may have now."""

    attachment_id: str
    trip_id: str
    name: str
    type: str
    size: int
    is_shown: bool
    """Whether a page may show it, because it was made here."""
    blob: str
    key: bytes

    def read(self, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        """Its bytes from `start` up to `end`, exclusive; raises BlobMissing, SealBroken."""
        return sealed.read(files.store(), self.blob, self.key, self.size, start, end)


async def check_upload(user_id: str, trip_id: str) -> None:
    """Whether this person may send a file to the trip: before any of it is read.

    Raises NotFound, NotAMember, TooMany.
    """
    await db.read(lambda link: _check(link, user_id, trip_id))


async def upload(
    user_id: str, trip_id: str, name: str, pieces: AsyncIterator[bytes]
) -> AttachmentView:
    """Take in a file that comes in pieces, for a message to come; whatever breaks leaves nothing.

    Raises NotFound, NotAMember, TooMany like `check_upload`, also when that has changed meanwhile;
    Invalid for field `file`; and whatever `pieces` raises.
    """
    name = names.cleaned(name)
    attachment_id, blob, key = new_id(), new_name(), chunks.new_key()
    head, pieces = await _begun(pieces)
    media_type = types.type_of(head)
    try:
        if media_type in SOURCES:
            about, size, thumb_size = await _store_photo(media_type, pieces, name, blob, key)
        else:
            size, thumb_size = await _store_file(pieces, blob, key), None
            about = {"name": name, "type": media_type}
    except BaseException:
        await discard([blob])
        raise
    row = {
        "id": attachment_id,
        "trip_id": trip_id,
        "uploader_id": user_id,
        "created_at": clock.now(),
        "blob": blob,
        "size": size,
        "thumb_size": thumb_size,
    }
    try:
        await db.write(lambda link: _insert(link, user_id, row, key, about))
    except Refused as refused:
        # When the database was lost, nobody knows whether there is a row now: the collector will.
        if not isinstance(refused, Unavailable):
            await discard([blob])
        raise
    return _view(attachment_id, size, about)


async def find(user_id: str, attachment_id: str, *, thumb: bool = False) -> Download:
    """What a current member of its trip gets of an attachment; unsent ones only who uploaded them.

    Raises NotFound, NotAMember.
    """
    if not looks_like_id(attachment_id):
        raise _unknown()
    asked = {"attachment": attachment_id, "user": user_id}
    async with db.read_connection() as connection:
        row = (await connection.execute(_FOR_MEMBER, asked)).one_or_none()
    if row is None or (row.message_id is None and row.uploader_id != user_id):
        raise _unknown()
    if row.role is None or not may(row.role, acts.READ_FILE):
        raise not_a_member()
    about = _about(row)
    if thumb and row.thumb_size is None:
        raise NotFound("This file has no thumbnail.")
    return Download(
        attachment_id=row.id,
        trip_id=row.trip_id,
        name=names.of_photo(about["name"], THUMB_TYPE) if thumb else about["name"],
        type=THUMB_TYPE if thumb else about["type"],
        size=row.thumb_size if thumb else row.size,
        is_shown=about["type"] in SHOWN,
        blob=_thumb(row.blob) if thumb else row.blob,
        key=sealer().open(row.trip_id, key_place(row.id), row.key),
    )


async def cancel(user_id: str, attachment_id: str) -> None:
    """Take back one's own upload that no message has yet.

    Raises NotFound; NotAMember when a message has it: then the message is what is deleted.
    """
    if not looks_like_id(attachment_id):
        raise _unknown()
    blobs = await db.write(lambda link: _cancel(link, user_id, attachment_id))
    await discard(blobs)


def _cancel(connection: Connection, user_id: str, attachment_id: str) -> list[str]:
    mine = and_(col(Attachment.id) == attachment_id, col(Attachment.uploader_id) == user_id)
    row = connection.execute(select(col(Attachment.message_id)).where(mine)).one_or_none()
    if row is None:
        raise _unknown()
    if row.message_id is not None:
        raise NotAMember(acts.CANCEL_UPLOAD.refusal)
    return _deleted(connection, mine, col(Attachment.message_id).is_(None))


# Erasing: the rows within the caller's transaction, the blobs after its commit.


def delete_of_message(connection: Connection, message_id: str) -> list[str]:
    """Delete the rows of a message's files; gives what to `discard` after the commit."""
    return _deleted(connection, col(Attachment.message_id) == message_id)


def delete_of_trip(connection: Connection, trip_id: str) -> list[str]:
    """Delete the rows of all files of a trip; gives what to `discard` after the commit."""
    return _deleted(connection, col(Attachment.trip_id) == trip_id)


def delete_of_user(connection: Connection, user_id: str) -> list[str]:
    """Delete the rows of all files a person has uploaded; gives what to `discard` afterwards."""
    return _deleted(connection, col(Attachment.uploader_id) == user_id)


async def erase_of_trip(trip_id: str) -> None:
    """Erase all files of a trip, bytes included."""
    await discard(await db.write(lambda link: delete_of_trip(link, trip_id)))


async def erase_of_user(user_id: str) -> None:
    """Erase all files that a person has uploaded, bytes included."""
    await discard(await db.write(lambda link: delete_of_user(link, user_id)))


def delete_unsent(connection: Connection, before: int, most: int) -> list[str]:
    """Delete the rows of uploads from before this moment that no message has; like the others."""
    old = (
        select(col(Attachment.id))
        .where(col(Attachment.message_id).is_(None), col(Attachment.created_at) < before)
        .limit(most)
    )
    return _deleted(connection, col(Attachment.id).in_(old), col(Attachment.message_id).is_(None))


def _deleted(connection: Connection, *which: Any) -> list[str]:
    gone = connection.execute(delete(Attachment).where(*which).returning(col(Attachment.blob)))
    return list(gone.scalars())


async def discard(blobs: Iterable[str]) -> None:
    """Remove the bytes of files whose rows are gone; what fails is left for the collector."""
    for blob in blobs:
        for name in (blob, _thumb(blob)):
            try:
                await files.store().delete(name)
            except Exception as error:
                log.warning("a blob could not be removed: %s", type(error).__name__)


# What others need to know of attachments.


async def of_trip(trip_id: str) -> list[Download]:
    """All files that messages of a trip have, for its export; asks nobody's leave."""
    async with db.read_connection() as connection:
        rows = (await connection.execute(_OF_TRIP, {"trip": trip_id})).all()
    return [
        Download(
            attachment_id=row.id,
            trip_id=row.trip_id,
            name=(about := _about(row))["name"],
            type=about["type"],
            size=row.size,
            is_shown=about["type"] in SHOWN,
            blob=row.blob,
            key=sealer().open(row.trip_id, key_place(row.id), row.key),
        )
        for row in rows
    ]


def facts(row: Any) -> dict[str, Any]:
    """What a message says of an attachment: `{id, name, type, size, width?, height?}`."""
    return {"id": row.id, "size": row.size, **_about(row)}


def _check(connection: Connection, user_id: str, trip_id: object) -> None:
    place_in(connection, user_id, trip_id, acts.UPLOAD)
    unsent = connection.execute(_UNSENT, {"user": user_id}).scalar_one()
    if unsent >= MESSAGES_WORTH * get_settings().attachments_per_message:
        raise TooMany("Send or remove some of your uploads first.", retry_after=60)


def _insert(
    connection: Connection, user_id: str, row: dict[str, Any], key: bytes, about: dict[str, Any]
) -> None:
    upload_id, trip_id = row["id"], row["trip_id"]
    _check(connection, user_id, trip_id)
    # Here, and no earlier: whoever waits for this transaction waits for its master key as well.
    sealed_under = sealer()
    secret = {
        "key": sealed_under.seal(trip_id, key_place(upload_id), key),
        "about": sealed_under.seal(trip_id, about_place(upload_id), orjson.dumps(about)),
    }
    connection.execute(insert(Attachment).values({**row, **secret}))


async def _begun(pieces: AsyncIterator[bytes]) -> tuple[bytes, AsyncIterator[bytes]]:
    """The first bytes of a file, as many as tell its type, and all of it; raises Invalid."""
    head = bytearray()
    async for piece in pieces:
        head += piece
        if len(head) >= types.HEAD_BYTES:
            break
    if not head:
        raise Invalid("The file is empty.", field="file")

    async def whole() -> AsyncIterator[bytes]:
        yield bytes(head)
        async for piece in pieces:
            yield piece

    return bytes(head[: types.HEAD_BYTES]), whole()


@asynccontextmanager
async def _blob(name: str, key: bytes) -> AsyncIterator[sealed.SealedWriter]:
    async with sealed.SealedWriter(await files.store().begin(name), name, key) as writer:
        yield writer
        await writer.finish()


async def _store_file(pieces: AsyncIterator[bytes], blob: str, key: bytes) -> int:
    async with _blob(blob, key) as writer:
        async for piece in pieces:
            await writer.write(piece)
    return writer.size


async def _store_photo(
    media_type: str, pieces: AsyncIterator[bytes], name: str, blob: str, key: bytes
) -> tuple[dict[str, Any], int, int]:
    """What the photo is, its size and its thumbnail's; what came is kept sealed, and not for long.

    It waits until it is whole: who sends slowly keeps no process waiting.
    """
    async with spool(get_settings().files_folder) as waiting:
        async for piece in pieces:
            await waiting.write(piece)
        await waiting.finish()
        async with remade(media_type, waiting.read()) as photo:
            async with _blob(_thumb(blob), key) as thumb:
                await thumb.write(photo.thumb)
            size = await _store_file(photo.pieces, blob, key)
    about = {
        "name": names.of_photo(name, photo.type),
        "type": photo.type,
        "width": photo.width,
        "height": photo.height,
    }
    return about, size, len(photo.thumb)


def _about(row: Any) -> dict[str, Any]:
    return orjson.loads(sealer().open(row.trip_id, about_place(row.id), row.about))


def _view(attachment_id: str, size: int, about: dict[str, Any]) -> AttachmentView:
    return {"attachment_id": attachment_id, "size": size, **about}  # pyright: ignore


def _thumb(blob: str) -> str:
    return blob + "t"


# No message has such an id: these places are nobody else's.


def key_place(attachment_id: str) -> str:
    """What the key of a file is sealed for, within its trip."""
    return f"files/{attachment_id}/key"


def about_place(attachment_id: str) -> str:
    """What it is called and is, is sealed for."""
    return f"files/{attachment_id}/about"


def _unknown() -> NotFound:
    return NotFound("There is no such file.")


_UNSENT = (
    select(func.count())
    .select_from(Attachment)
    .where(col(Attachment.uploader_id) == bindparam("user"), col(Attachment.message_id).is_(None))
)

_FOR_MEMBER = (
    select(Attachment, col(Member.role))
    .outerjoin(
        Member,
        and_(
            col(Member.trip_id) == col(Attachment.trip_id),
            col(Member.user_id) == bindparam("user"),
            col(Member.left_at).is_(None),
        ),
    )
    .where(col(Attachment.id) == bindparam("attachment"))
)

_OF_TRIP = (
    select(*Attachment.__table__.columns)  # pyright: ignore[reportAttributeAccessIssue]
    .where(col(Attachment.trip_id) == bindparam("trip"), col(Attachment.message_id).is_not(None))
    .order_by(col(Attachment.created_at), col(Attachment.id))
)
