"""What every change of a stored message has in common: who may see it, and the trip's next `rev`.

A change is one writing transaction (`db.write`). The trip's row is locked first, so that one trip's
changes are numbered in the order in which they are committed.
"""

from typing import Any

from sqlalchemy import Connection, bindparam, update
from sqlmodel import col

from tripchat.errors import Conflict, NotFound
from tripchat.models import Message, Trip
from tripchat.services import checks, opening, viewing
from tripchat.services.access import lock_trip_in, place_in
from tripchat.services.acts import Act
from tripchat.views import MessageView

Row = Any


def message_of(connection: Connection, user_id: str, trip_id: object, seq: object, act: Act) -> Row:
    """A message of the trip, for somebody who may do this with it.

    Raises NotFound for an unknown trip or message, NotAMember, Invalid when `seq` is no number.
    """
    number = checks.whole(seq, "seq", "The message's number", 1)
    place = place_in(connection, user_id, trip_id, act)
    row = connection.execute(_MESSAGE, {"trip": place.trip_id, "seq": number}).one_or_none()
    if row is None:
        raise NotFound("There is no such message in this trip.")
    place.must(act, own=row.author_id == user_id)
    return row


def locked_message_of(
    connection: Connection, user_id: str, trip_id: object, seq: object, act: Act
) -> Row:
    """`message_of`, while nobody else changes anything in the trip until the transaction ends."""
    lock_trip_in(connection, trip_id)
    return message_of(connection, user_id, trip_id, seq, act)


def stored_in(connection: Connection, trip_id: str, seq: int) -> Row | None:
    """A message whoever asks, None when there is none: for what the server does by itself.

    Nobody else changes anything in the trip until the transaction ends. Raises NotFound.
    """
    lock_trip_in(connection, trip_id)
    return connection.execute(_MESSAGE, {"trip": trip_id, "seq": seq}).one_or_none()


def refuse_deleted(row: Row) -> None:
    """Raises Conflict when nothing is left of the message that could be changed."""
    if row.deleted_at is not None:
        raise Conflict("This message has been deleted.")


def next_rev(connection: Connection, trip_id: str) -> int:
    """Take the trip's next `rev`."""
    return connection.execute(_ADVANCE, {"trip": trip_id}).scalar_one()


def set_values(connection: Connection, trip_id: str, seq: int, **values: Any) -> None:
    """Write columns of a message, among them the `rev` of the change."""
    connection.execute(_UPDATE.values(**values), {"trip": trip_id, "number": seq})


def view_of(connection: Connection, trip_id: str, seq: int) -> MessageView:
    """The message as everybody sees it after the change."""
    row = connection.execute(_MESSAGE, {"trip": trip_id, "seq": seq}).one()
    return viewing.views(connection, trip_id, [row])[0]


_MESSAGE = opening.MESSAGE.where(
    col(Message.trip_id) == bindparam("trip"), col(Message.seq) == bindparam("seq")
)

_ADVANCE = (
    update(Trip)
    .where(col(Trip.id) == bindparam("trip"))
    .values(last_rev=col(Trip.last_rev) + 1)
    .returning(col(Trip.last_rev))
)

_UPDATE = update(Message).where(
    col(Message.trip_id) == bindparam("trip"), col(Message.seq) == bindparam("number")
)
