"""Reacting to a message with an emoji, and taking that back."""

from sqlalchemy import Connection, bindparam, delete, func, insert, select
from sqlmodel import col

from tripchat import db, hub
from tripchat.errors import Conflict
from tripchat.models import Reaction
from tripchat.services import acts, changing
from tripchat.services.emojis import one_emoji
from tripchat.views import MessageView

MOST_DIFFERENT = 20


async def react(user_id: str, trip_id: str, seq: int, emoji: str) -> MessageView:
    """Put an emoji under a message; one that is there already stays.

    Raises NotFound, NotAMember, Invalid naming the field, or Conflict when the message was deleted
    or has as many different emoji as it can.
    """
    return await _change(user_id, trip_id, seq, emoji, there=True)


async def unreact(user_id: str, trip_id: str, seq: int, emoji: str) -> MessageView:
    """Take one's emoji away again; raises like `react`."""
    return await _change(user_id, trip_id, seq, emoji, there=False)


async def _change(user_id: str, trip_id: str, seq: int, emoji: str, *, there: bool) -> MessageView:
    known = one_emoji(emoji)
    message, new = await db.write(lambda link: _write(link, user_id, trip_id, seq, known, there))
    if new:
        hub.publish(hub.Reacted(trip_id, seq, message["rev"], user_id, known, there))
    return message


def _write(
    connection: Connection, user_id: str, trip_id: str, seq: int, emoji: str, there: bool
) -> tuple[MessageView, bool]:
    """The message as it is now, and whether anything has changed."""
    message = changing.locked_message_of(connection, user_id, trip_id, seq, acts.REACT)
    changing.refuse_deleted(message)
    place = {"trip_id": trip_id, "seq": seq, "user_id": user_id, "emoji": emoji}
    if there == (connection.execute(_MINE, place).first() is not None):
        return changing.view_of(connection, trip_id, seq), False
    if there and _is_full(connection, trip_id, seq, emoji):
        raise Conflict(f"A message has at most {MOST_DIFFERENT} different reactions.")
    rev = changing.next_rev(connection, trip_id)
    changing.set_values(connection, trip_id, seq, rev=rev)
    if there:
        connection.execute(insert(Reaction).values(**place, rev=rev))
    else:
        connection.execute(delete(Reaction).filter_by(**place))
    return changing.view_of(connection, trip_id, seq), True


def _is_full(connection: Connection, trip_id: str, seq: int, emoji: str) -> bool:
    others = connection.execute(_OTHERS, {"trip": trip_id, "seq": seq, "emoji": emoji})
    return others.scalar_one() >= MOST_DIFFERENT


_MINE = select(col(Reaction.rev)).where(
    col(Reaction.trip_id) == bindparam("trip_id"),
    col(Reaction.seq) == bindparam("seq"),
    col(Reaction.user_id) == bindparam("user_id"),
    col(Reaction.emoji) == bindparam("emoji"),
)

_OTHERS = select(func.count(col(Reaction.emoji).distinct())).where(
    col(Reaction.trip_id) == bindparam("trip"),
    col(Reaction.seq) == bindparam("seq"),
    col(Reaction.emoji) != bindparam("emoji"),
)
