"""Which files a message has.

A sender names uploads by their ids, in a body's `attachments`. What is stored says of each what it
is called and is, so that a message is shown without another look; the rows then belong to it.
"""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, bindparam, select, update
from sqlmodel import col

from tripchat.errors import Invalid
from tripchat.models import Attachment
from tripchat.services import attachments

Body = dict[str, Any]
Unsent = dict[str, Any]
"""The rows of uploads that no message has yet, by id."""


def named_in(body: Body) -> list[Any]:
    """The uploads that a body names: their ids in a checked one, what they are in a stored one."""
    return body.get("attachments", [])


def unsent(connection: Connection, ids: Iterable[str]) -> Unsent:
    """Those of these uploads that no message has yet; they stay so until the transaction ends."""
    wanted = sorted({*ids})
    if not wanted:
        return {}
    return {row.id: row for row in connection.execute(_UNSENT, {"ids": wanted})}


def resolved(body: Body, found: Unsent, trip_id: str, author_id: str) -> Body:
    """A checked body with what its uploads are; takes them out of `found`.

    Raises Invalid for field `attachment_ids` unless all are this author's, of this trip, unsent.
    """
    wanted = named_in(body)
    mine = {
        upload_id: row
        for upload_id, row in found.items()
        if (row.trip_id, row.uploader_id) == (trip_id, author_id)
    }
    if not mine.keys() >= {*wanted}:
        raise Invalid(
            "A file of this message is not there, or has been sent before.", field="attachment_ids"
        )
    return body | {"attachments": [attachments.facts(found.pop(each)) for each in wanted]}


def bind(connection: Connection, sent: Iterable[tuple[str, str]]) -> None:
    """Note which message has which upload: pairs of their ids."""
    pairs = [{"message": message_id, "upload": upload_id} for message_id, upload_id in sent]
    if pairs:
        connection.execute(_BIND, pairs)


def kept(body: Body, before: Body) -> Body:
    """An edited body, checked, with the files that the message had before: they never change."""
    return _without(body) | {key: before[key] for key in ("attachments",) if key in before}


def with_ids(body: Any, before: Body) -> Any:
    """What somebody wrote to replace `before`, naming its files: with them it may say nothing."""
    if not isinstance(body, dict):
        return body
    ids = [each["id"] for each in named_in(before)]
    return _without(body) | ({"attachments": ids} if ids else {})


def _without(body: Body) -> Body:
    return {key: value for key, value in body.items() if key != "attachments"}


_UNSENT = (
    select(Attachment)
    .where(
        col(Attachment.id).in_(bindparam("ids", expanding=True)),
        col(Attachment.message_id).is_(None),
    )
    .order_by(col(Attachment.id))
    # The collector and who cancels wait, and then find that a message has it.
    .with_for_update()
)

_BIND = (
    update(Attachment)
    .where(col(Attachment.id) == bindparam("upload"))
    .values(message_id=bindparam("message"))
)
