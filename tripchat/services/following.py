"""Following what happens to a trip's messages, from any moment on, without a gap."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Connection, bindparam
from sqlmodel import col

from tripchat import db
from tripchat.errors import Malformed
from tripchat.models import Message
from tripchat.services import acts, opening, viewing
from tripchat.services.access import place_of
from tripchat.views import MessageView

MOST_AT_ONCE = 50


class Position(NamedTuple):
    """How far somebody has followed a trip.

    They know all changes up to `rev`, of the messages up to `seq`. Of later messages they still
    want those that have not changed since, in the order of `seq`; then all that has changed since,
    in the order of `rev`.
    """

    rev: int
    seq: int


async def begin(
    user_id: str, trip_id: str, after: int | None = None, known: Position | None = None
) -> Position:
    """Where to follow from: `known`, else the messages after `after`, else what comes from now on.

    Raises NotFound, NotAMember, Malformed when the trip has never been at `known`.
    """
    async with db.read_connection() as connection:
        place = await place_of(connection, user_id, trip_id, acts.FOLLOW)
    if known is None:
        return Position(place.last_rev, place.last_seq if after is None else after)
    if known.rev > place.last_rev:
        raise Malformed("This trip has not come so far yet.")
    return known


async def next_changes(
    user_id: str, trip_id: str, position: Position
) -> list[tuple[Position, MessageView]]:
    """The next messages as they are now, each with the position after it; none when none changed.

    Raises NotFound or NotAMember.
    """
    async with db.read_connection() as connection:
        await place_of(connection, user_id, trip_id, acts.FOLLOW)
        found = await connection.run_sync(_read, trip_id, position)
    followed: list[tuple[Position, MessageView]] = []
    for message in found:
        position = Position(max(position.rev, message["rev"]), max(position.seq, message["seq"]))
        followed.append((position, message))
    return followed


def _read(connection: Connection, trip_id: str, position: Position) -> list[MessageView]:
    bounds = {"trip": trip_id, "rev": position.rev, "seq": position.seq, "most": MOST_AT_ONCE}
    rows = (
        connection.execute(_UNCHANGED, bounds).all() or connection.execute(_CHANGED, bounds).all()
    )
    return viewing.views(connection, trip_id, rows)


_UNCHANGED = (
    opening.MESSAGE.where(
        col(Message.trip_id) == bindparam("trip"),
        col(Message.seq) > bindparam("seq"),
        col(Message.rev) <= bindparam("rev"),
    )
    .order_by(col(Message.seq))
    .limit(bindparam("most"))
)

_CHANGED = (
    opening.MESSAGE.where(
        col(Message.trip_id) == bindparam("trip"), col(Message.rev) > bindparam("rev")
    )
    .order_by(col(Message.rev))
    .limit(bindparam("most"))
)
