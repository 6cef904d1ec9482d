"""Messages of a trip: sending one, reading some."""

import re
from typing import Any, TypeGuard

from sqlalchemy import bindparam
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from tripchat import db, kinds
from tripchat.errors import Invalid
from tripchat.ids import looks_like_id, new_id
from tripchat.models import Message
from tripchat.services import checks, group_commit, opening
from tripchat.services.access import place_of, unknown_trip
from tripchat.services.storing import Draft
from tripchat.views import MessagePage, MessageView, Sent

MOST_PER_PAGE = 200
PER_PAGE = 50

_CLIENT_ID = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)


async def send(
    user_id: str,
    trip_id: str,
    client_id: str,
    kind: str = "text",
    body: dict[str, Any] | None = None,
    reply_to_seq: int | None = None,
) -> Sent:
    """Store a message, publish it, and return it; a `client_id` sent before returns the first one.

    Raises Invalid naming the field, NotFound, NotAMember, TooMany; then nothing is stored.
    """
    if not is_client_id(client_id):
        raise Invalid("client_id must be 1 to 64 letters, digits, - or _.", field="client_id")
    if reply_to_seq is not None:
        checks.whole(reply_to_seq, "reply_to_seq", "The message to reply to", 1)
    if not isinstance(body, dict):
        raise Invalid("A message needs a body.", field="body")
    if not looks_like_id(trip_id):
        raise unknown_trip()
    message_kind = kinds.kind(kind)
    stored = message_kind.validate(body)
    message_id = new_id()
    return await group_commit.commit(
        Draft(
            id=message_id,
            trip_id=trip_id,
            author_id=user_id,
            client_id=client_id,
            kind=message_kind.name,
            body=opening.closed(trip_id, message_id, stored),
            view=message_kind.view(stored),
            reply_to_seq=reply_to_seq,
        )
    )


def is_client_id(value: object) -> TypeGuard[str]:
    """Whether a sender may use this to name a message."""
    return isinstance(value, str) and _CLIENT_ID.fullmatch(value) is not None


async def page(
    user_id: str,
    trip_id: str,
    after: int | None = None,
    before: int | None = None,
    limit: int = PER_PAGE,
) -> MessagePage:
    """Messages in `seq` order: the first `limit` after `after`, or the last ones before `before`.

    Both bounds are exclusive; with neither these are the newest. `complete` says that nothing
    within the bounds is missing. Raises NotFound, NotAMember, Invalid naming the bound.
    """
    if after is not None:
        checks.whole(after, "after", "after", 0)
    if before is not None:
        checks.whole(before, "before", "before", 0)
    checks.whole(limit, "limit", "limit", 1, MOST_PER_PAGE)
    async with db.read_connection() as connection:
        last_seq = (await place_of(connection, user_id, trip_id)).last_seq
        # What was committed since `last_seq` was read belongs to the next page.
        end = last_seq if before is None else min(before - 1, last_seq)
        # A trip's `seq` has no gaps: where a page ends is known before it is read.
        if after is None:
            start, complete = max(0, end - limit), end <= limit
        else:
            start, complete = after, end - after <= limit
            end = min(end, after + limit)
        messages = await _between(connection, trip_id, start, end)
    return {"messages": messages, "complete": complete, "last_seq": last_seq}


async def newest(trip_id: str, limit: int = PER_PAGE) -> list[MessageView]:
    """The last `limit` messages of a trip in `seq` order; asks nobody's leave: for the room."""
    async with db.read_connection() as connection:
        rows = (await connection.execute(_NEWEST, {"trip": trip_id, "most": limit})).all()
    return [opening.opened(row) for row in reversed(rows)]


async def between(trip_id: str, after: int, upto: int) -> list[MessageView]:
    """The messages with `after` < `seq` <= `upto`, in order; asks nobody's leave: for the room."""
    async with db.read_connection() as connection:
        return await _between(connection, trip_id, after, upto)


async def _between(
    connection: AsyncConnection, trip_id: str, after: int, upto: int
) -> list[MessageView]:
    if upto <= after:
        return []
    bounds = {"trip": trip_id, "after": after, "upto": upto}
    return [opening.opened(row) for row in await connection.execute(_BETWEEN, bounds)]


_IN_TRIP = opening.MESSAGE.where(col(Message.trip_id) == bindparam("trip"))

_BETWEEN = _IN_TRIP.where(
    col(Message.seq) > bindparam("after"), col(Message.seq) <= bindparam("upto")
).order_by(col(Message.seq))

_NEWEST = _IN_TRIP.order_by(col(Message.seq).desc()).limit(bindparam("most"))
