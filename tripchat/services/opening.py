"""From rows to message views: sealed bodies are opened here."""

import logging
from typing import Any

import orjson
from sqlalchemy import select
from sqlmodel import col

from tripchat import kinds
from tripchat.errors import Refused
from tripchat.models import Message
from tripchat.sealing import SealBroken, sealer
from tripchat.services import receipts
from tripchat.views import MessageView

log = logging.getLogger(__name__)

MESSAGE = select(
    col(Message.id),
    col(Message.trip_id),
    col(Message.seq),
    col(Message.author_id),
    col(Message.client_id),
    col(Message.kind),
    col(Message.body),
    col(Message.reply_to_seq),
    col(Message.sent_at),
    col(Message.rev),
    col(Message.edited_at),
    col(Message.deleted_at),
    col(Message.broadcast_at),
    col(Message.reached),
)
"""The columns `opened` reads."""


def opened(row: Any) -> MessageView:
    """The view of a row with `MESSAGE`'s columns; one that does not open is shown as unreadable."""
    deleted = row.deleted_at is not None
    kind_name, body = (
        (row.kind, {}) if deleted else open_body(row.trip_id, row.id, row.kind, row.body)
    )
    view: MessageView = {
        "id": row.id,
        "client_id": row.client_id,
        "seq": row.seq,
        "rev": row.rev,
        "author_id": row.author_id,
        "kind": kind_name,
        "body": body,
        "sent_at": row.sent_at,
    }
    if (moment := broadcast_at(row)) is not None:
        view["broadcast_at"] = moment
    if row.reply_to_seq is not None:
        view["reply_to_seq"] = row.reply_to_seq
    if deleted:
        view["deleted"] = True
    elif row.edited_at is not None:
        view["edited_at"] = row.edited_at
    return view


def broadcast_at(row: Any) -> int | None:
    """When a row's message was broadcast, whether that has been written or not; None if unknown."""
    return row.broadcast_at or receipts.told_at(row.id)


def line_of(message: MessageView) -> str:
    """A message in one line; empty when it was deleted."""
    return "" if message.get("deleted") else kinds.kind(message["kind"]).line(message["body"])


def open_body(
    trip_id: str, message_id: str, kind_name: str, sealed: bytes
) -> tuple[str, dict[str, Any]]:
    """The kind to show a sealed body as, and its view."""
    try:
        body = orjson.loads(sealer().open(trip_id, message_id, sealed))
        return kind_name, kinds.kind(kind_name).view(body)
    except SealBroken:
        log.error("message %s of trip %s does not open: its seal is broken", message_id, trip_id)
    except Refused:
        log.error("message %s of trip %s has the unknown kind %r", message_id, trip_id, kind_name)
    except Exception as error:
        # An extension's view; what the exception says may quote the message.
        log.error(
            "message %s of trip %s: the view of kind %r failed with %s",
            message_id,
            trip_id,
            kind_name,
            type(error).__name__,
        )
    return kinds.unreadable.UNREADABLE.name, kinds.unreadable.view({})


def closed(trip_id: str, message_id: str, body: dict[str, Any]) -> bytes:
    """The sealed form of a checked body."""
    return sealer().seal(trip_id, message_id, orjson.dumps(body))


def version_place(message_id: str, number: int) -> str:
    """What an earlier version is sealed for: never the message itself, nor another version."""
    return f"{message_id}#{number}"
