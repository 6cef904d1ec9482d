"""How far each member has read."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, func, select, update
from sqlmodel import col

from tripchat import db, hub
from tripchat.models import Member, Mention
from tripchat.services import acts, checks
from tripchat.services.access import place_of
from tripchat.services.group_commit import GroupCommit, Patience


@dataclass(frozen=True, order=True)
class _Marker:
    trip: str
    user: str
    target: int


class Standing(NamedTuple):
    """How far somebody has read in a trip, and how many messages beyond that name them."""

    read_seq: int
    mentions: int


async def mark_read(user_id: str, trip_id: str, seq: int) -> None:
    """Move this member's read marker forward to `seq`, at most to the newest message.

    A marker never goes back. Raises NotFound, NotAMember, or Invalid when `seq` is no number.
    """
    checks.whole(seq, "seq", "seq", 0)
    async with db.read_connection() as connection:
        place = await place_of(connection, user_id, trip_id, acts.MARK_READ)
    target = min(seq, place.last_seq)
    if target > place.read_seq:
        await _markers.commit(_Marker(trip_id, user_id, target))


async def unread_mentions(user_id: str, trip_id: str) -> int:
    """How many messages beyond their marker name this person; asks nobody's leave: for the list."""
    async with db.read_connection() as connection:
        found = await connection.execute(_MENTIONS, {"trip": trip_id, "user": user_id})
        return found.scalar_one()


async def standings(user_ids: Sequence[str]) -> dict[str, dict[str, Standing]]:
    """How these people stand in all the trips that they are in, by user id and trip id."""
    async with db.read_connection() as connection:
        rows = (await connection.execute(_STANDINGS, {"users": user_ids})).all()
        named = (await connection.execute(_NAMED, {"users": user_ids})).all()
    found: dict[str, dict[str, Standing]] = {user_id: {} for user_id in user_ids}
    for row in rows:
        found[row.user_id][row.trip_id] = Standing(row.read_seq, 0)
    for row in named:
        if standing := found[row.user_id].get(row.trip_id):
            found[row.user_id][row.trip_id] = standing._replace(mentions=row.mentions)
    return found


async def _store(markers: Sequence[_Marker], _patience: Patience) -> list[Exception | None]:
    """Move markers in one transaction, and tell which of them have moved."""
    # In one order everywhere, so that no two workers wait for each other's rows; of several that
    # one member has moved, the last is the farthest.
    farthest = {(marker.trip, marker.user): marker for marker in sorted(markers)}.values()
    moved = await db.write(lambda link: [marker for marker in farthest if _move(link, marker)])
    for marker in moved:
        hub.publish(hub.ReadMoved(marker.trip, marker.user, marker.target))
    return [None] * len(markers)


def _move(connection: Connection, marker: _Marker) -> bool:
    return connection.execute(_READ, vars(marker)).rowcount > 0


_markers: GroupCommit[_Marker, None] = GroupCommit(
    "read markers", _store, lane=lambda marker: marker.trip
)

_READ = (
    update(Member)
    .where(
        col(Member.trip_id) == bindparam("trip"),
        col(Member.user_id) == bindparam("user"),
        col(Member.left_at).is_(None),
        col(Member.read_seq) < bindparam("target"),
    )
    .values(read_seq=bindparam("target"))
)

_MENTIONS = (
    select(func.count())
    .select_from(Mention)
    .join(
        Member,
        (col(Member.trip_id) == col(Mention.trip_id))
        & (col(Member.user_id) == col(Mention.user_id)),
    )
    .where(
        col(Mention.trip_id) == bindparam("trip"),
        col(Mention.user_id) == bindparam("user"),
        col(Mention.seq) > col(Member.read_seq),
    )
)

_STANDINGS = select(col(Member.user_id), col(Member.trip_id), col(Member.read_seq)).where(
    col(Member.user_id).in_(bindparam("users", expanding=True)), col(Member.left_at).is_(None)
)

_NAMED = (
    select(col(Member.user_id), col(Member.trip_id), func.count().label("mentions"))
    .join_from(
        Member,
        Mention,
        (col(Mention.trip_id) == col(Member.trip_id))
        & (col(Mention.user_id) == col(Member.user_id)),
    )
    .where(
        col(Member.user_id).in_(bindparam("users", expanding=True)),
        col(Member.left_at).is_(None),
        col(Mention.seq) > col(Member.read_seq),
    )
    .group_by(col(Member.user_id), col(Member.trip_id))
)
