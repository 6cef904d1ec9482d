"""Messages of a trip: sending one, reading some."""

import re
from typing import Any, TypeGuard

from sqlalchemy import Connection, Executable, bindparam, select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from tripchat import db, kinds
from tripchat.errors import Invalid
from tripchat.ids import looks_like_id, new_id
from tripchat.models import Message, Trip
from tripchat.services import (
    acts,
    attaching,
    changing,
    checks,
    mentioning,
    opening,
    receipts,
    viewing,
)
from tripchat.services.access import place_of, unknown_trip
from tripchat.services.group_commit import GroupCommit
from tripchat.services.storing import Draft, store
from tripchat.views import MessageChanges, MessagePage, MessageView, ReceiptView, Sent

MOST_PER_PAGE = 200
PER_PAGE = 50

_sends: GroupCommit[Draft, Sent] = GroupCommit("messages", store, lane=lambda draft: draft.trip_id)

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
    if not looks_like_id(trip_id):
        raise unknown_trip()
    message_kind = kinds.kind(kind)
    stored = message_kind.checked(body)
    if mentioning.may_name(stored):
        stored = await db.read(lambda link: mentioning.resolved(link, trip_id, stored))
    return await _sends.commit(
        Draft(
            id=new_id(),
            trip_id=trip_id,
            author_id=user_id,
            client_id=client_id,
            kind=message_kind.name,
            body=stored,
            # With files it is made once it is known that they are there.
            view={} if attaching.named_in(stored) else message_kind.view(stored),
            reply_to_seq=reply_to_seq,
            mentions=mentioning.named_in(stored),
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
        place = await place_of(connection, user_id, trip_id, acts.READ)
        last_seq = place.last_seq
        # What was committed since `last_seq` was read belongs to the next page.
        end = last_seq if before is None else min(before - 1, last_seq)
        # A trip's `seq` has no gaps: where a page ends is known before it is read.
        if after is None:
            start, complete = max(0, end - limit), end <= limit
        else:
            start, complete = after, end - after <= limit
            end = min(end, after + limit)
        messages = await _between(connection, trip_id, start, end)
    return {
        "messages": messages,
        "complete": complete,
        "last_seq": last_seq,
        "last_rev": place.last_rev,
    }


async def changes(
    user_id: str, trip_id: str, after_rev: int, first: int, last: int
) -> MessageChanges:
    """The messages from `first` to `last` that changed after `after_rev`, at most `MOST_PER_PAGE`.

    When these are not all, the others follow after the last one's `rev`. Raises NotFound,
    NotAMember, Invalid naming the bound.
    """
    bounds = {
        "after": checks.whole(after_rev, "after_rev", "after_rev", 0),
        "first": checks.whole(first, "first", "first", 1),
        "last": checks.whole(last, "last", "last", 1),
    }
    async with db.read_connection() as connection:
        place = await place_of(connection, user_id, trip_id, acts.READ)
        found = await connection.run_sync(
            _views, trip_id, _CHANGES, {"trip": trip_id, "most": MOST_PER_PAGE, **bounds}
        )
    return {
        "messages": found,
        "complete": len(found) < MOST_PER_PAGE,
        "last_rev": place.last_rev,
    }


async def receipt(user_id: str, trip_id: str, seq: int) -> ReceiptView:
    """When one's own message was broadcast, and how many people it reached.

    Raises NotFound, NotAMember, or Invalid when `seq` is no number.
    """
    return await db.read(lambda link: _receipt(link, user_id, trip_id, seq))


async def window(trip_id: str, limit: int) -> tuple[int, list[MessageView]]:
    """The trip's last `rev`, and its last `limit` messages in `seq` order, at least as new as that.

    Asks nobody's leave: for the room.
    """

    def read(connection: Connection) -> tuple[int, list[MessageView]]:
        last_rev = connection.execute(_LAST_REV, {"trip": trip_id}).scalar_one()
        found = _views(connection, trip_id, _NEWEST, {"trip": trip_id, "most": limit})
        return last_rev, found[::-1]

    return await db.read(read)


async def changed(trip_id: str, after_rev: int) -> list[MessageView]:
    """The messages that the trip's changes after `after_rev` touched, in the order of their `rev`.

    Asks nobody's leave: for the room.
    """
    bounds = {"trip": trip_id, "after": after_rev}
    return await db.read(lambda link: _views(link, trip_id, _CHANGED, bounds))


def _receipt(connection: Connection, user_id: str, trip_id: str, seq: int) -> ReceiptView:
    message = changing.message_of(connection, user_id, trip_id, seq, acts.READ_RECEIPT)
    recent = receipts.recent(message.id)
    return {
        "broadcast_at": opening.broadcast_at(message),
        "reached": message.reached if recent is None else recent.reached,
    }


async def _between(
    connection: AsyncConnection, trip_id: str, after: int, upto: int
) -> list[MessageView]:
    if upto <= after:
        return []
    bounds = {"trip": trip_id, "after": after, "upto": upto}
    return await connection.run_sync(_views, trip_id, _BETWEEN, bounds)


def _views(
    connection: Connection, trip_id: str, query: Executable, bounds: dict[str, Any]
) -> list[MessageView]:
    return viewing.views(connection, trip_id, connection.execute(query, bounds).all())


_IN_TRIP = opening.MESSAGE.where(col(Message.trip_id) == bindparam("trip"))

_BETWEEN = _IN_TRIP.where(
    col(Message.seq) > bindparam("after"), col(Message.seq) <= bindparam("upto")
).order_by(col(Message.seq))

_NEWEST = _IN_TRIP.order_by(col(Message.seq).desc()).limit(bindparam("most"))

_CHANGED = _IN_TRIP.where(col(Message.rev) > bindparam("after")).order_by(col(Message.rev))

_CHANGES = _CHANGED.where(
    col(Message.seq) >= bindparam("first"), col(Message.seq) <= bindparam("last")
).limit(bindparam("most"))

_LAST_REV = select(col(Trip.last_rev)).where(col(Trip.id) == bindparam("trip"))
