"""Changing what a message says, and taking it back."""

from typing import Any

import orjson
from sqlalchemy import Connection, bindparam, delete, func, insert, select
from sqlmodel import col

from tripchat import clock, db, hub, kinds
from tripchat.errors import Conflict
from tripchat.models import Reaction, Version
from tripchat.sealing import SealBroken, sealer
from tripchat.services import (
    acts,
    attaching,
    attachments,
    auditing,
    changing,
    mentioning,
    opening,
    previewing,
)
from tripchat.views import MessageView, VersionView


async def edit(user_id: str, trip_id: str, seq: int, body: dict[str, Any]) -> MessageView:
    """Replace what one's own message says; what it said before is kept, sealed, and its files stay.

    The same words again change nothing. Raises NotFound, NotAMember, Invalid naming the field, or
    Conflict when it was deleted.
    """
    message, named_before = await db.write(lambda link: _edit(link, user_id, trip_id, seq, body))
    if named_before is not None:
        hub.publish(hub.MessageChanged(trip_id, message, named_before))
    return message


async def remove(user_id: str, trip_id: str, seq: int) -> MessageView:
    """Delete one's own message, or as an organiser anybody's: only its place remains, no file.

    Doing it again does nothing. Raises NotFound, NotAMember, or Invalid when `seq` is no number.
    """
    (message, named_before), blobs = await db.write(
        lambda link: _remove(link, user_id, trip_id, seq)
    )
    if named_before is not None:
        hub.publish(hub.MessageChanged(trip_id, message, named_before))
        await attachments.discard(blobs)
        await db.wipe_log()
    return message


async def versions(user_id: str, trip_id: str, seq: int) -> list[VersionView]:
    """What a message said before each of its edits, oldest first.

    Raises NotFound, NotAMember, or Invalid when `seq` is no number.
    """
    return await db.read(lambda link: _versions(link, user_id, trip_id, seq))


_Changed = tuple[MessageView, frozenset[str] | None]


def _edit(
    connection: Connection, user_id: str, trip_id: str, seq: int, body: dict[str, Any]
) -> _Changed:
    """The message as it is now, and whom it named before; None when nothing has changed."""
    message = changing.locked_message_of(connection, user_id, trip_id, seq, acts.EDIT)
    changing.refuse_deleted(message)
    try:
        before = orjson.loads(sealer().open(trip_id, message.id, message.body))
    except SealBroken:
        raise Conflict("This message cannot be opened, so it cannot be changed.") from None
    preview = previewing.taken_from(before)
    checked = kinds.kind(message.kind).checked(attaching.with_ids(body, before))
    stored = mentioning.resolved(connection, trip_id, attaching.kept(checked, before), before)
    if stored == before:
        return changing.view_of(connection, trip_id, seq), None
    number = 1 + connection.execute(_COUNT, {"trip": trip_id, "seq": seq}).scalar_one()
    connection.execute(
        insert(Version).values(
            trip_id=trip_id,
            seq=seq,
            number=number,
            body=opening.closed(trip_id, opening.version_place(message.id, number), before),
            written_at=message.edited_at or message.sent_at,
        )
    )
    changing.set_values(
        connection,
        trip_id,
        seq,
        body=opening.closed(
            trip_id, message.id, previewing.with_preview(message.kind, stored, preview)
        ),
        edited_at=max(clock.now(), message.sent_at),
        rev=changing.next_rev(connection, trip_id),
    )
    named_before = mentioning.replace(connection, trip_id, seq, mentioning.named_in(stored))
    return changing.view_of(connection, trip_id, seq), named_before


def _remove(
    connection: Connection, user_id: str, trip_id: str, seq: int
) -> tuple[_Changed, list[str]]:
    """What is left of the message, and whom it named before; None when it was deleted already.

    And the blobs of its files, for `attachments.discard`.
    """
    message = changing.locked_message_of(connection, user_id, trip_id, seq, acts.DELETE_MESSAGE)
    if message.deleted_at is not None:
        return (changing.view_of(connection, trip_id, seq), None), []
    if message.author_id != user_id:
        wrote = message.author_id
        auditing.note_in(connection, user_id, trip_id, "message-deleted", wrote, seq=seq)
    return clear(connection, trip_id, message)


def clear(
    connection: Connection, trip_id: str, message: changing.Row
) -> tuple[tuple[MessageView, frozenset[str]], list[str]]:
    """Leave nothing of a message but its place, in a trip that is locked.

    Gives what is left of it, whom it named before, and the blobs of its files.
    """
    seq = message.seq
    named_before = mentioning.replace(connection, trip_id, seq, [])
    blobs = attachments.delete_of_message(connection, message.id)
    for model in (Version, Reaction):
        connection.execute(delete(model).filter_by(trip_id=trip_id, seq=seq))
    changing.set_values(
        connection,
        trip_id,
        seq,
        body=b"",
        edited_at=None,
        deleted_at=clock.now(),
        rev=changing.next_rev(connection, trip_id),
    )
    return (changing.view_of(connection, trip_id, seq), named_before), blobs


def _versions(connection: Connection, user_id: str, trip_id: str, seq: int) -> list[VersionView]:
    message = changing.message_of(connection, user_id, trip_id, seq, acts.READ_VERSIONS)
    return [
        _version(trip_id, message, row)
        for row in connection.execute(_VERSIONS, {"trip": trip_id, "seq": seq})
    ]


def _version(trip_id: str, message: Any, row: Any) -> VersionView:
    place = opening.version_place(message.id, row.number)
    kind, body = opening.open_body(trip_id, place, message.kind, row.body)
    return {"number": row.number, "kind": kind, "body": body, "written_at": row.written_at}


_OF_MESSAGE = (col(Version.trip_id) == bindparam("trip"), col(Version.seq) == bindparam("seq"))

_COUNT = select(func.count()).select_from(Version).where(*_OF_MESSAGE)

_VERSIONS = (
    select(col(Version.number), col(Version.body), col(Version.written_at))
    .where(*_OF_MESSAGE)
    .order_by(col(Version.number))
)
