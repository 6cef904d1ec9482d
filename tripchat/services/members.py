"""Who is in a trip: listing, leaving, removing."""

from collections.abc import Sequence

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from tripchat import clock, db, hub
from tripchat.errors import NotFound
from tripchat.models import Member, User
from tripchat.services import acts, auditing
from tripchat.services.access import lock_trip, place_of
from tripchat.services.acts import Act
from tripchat.views import MemberView


async def members(trip_id: str) -> list[MemberView]:
    """Everybody who is or was in a trip, by when they joined; asks nobody's leave: for the room."""
    return (await members_of([trip_id])).get(trip_id, [])


async def members_of(trip_ids: Sequence[str]) -> dict[str, list[MemberView]]:
    """`members` of several trips at once, by trip id."""
    async with db.read_connection() as connection:
        rows = (await connection.execute(_MEMBERS, {"trips": trip_ids})).all()
    found: dict[str, list[MemberView]] = {}
    for row in rows:
        member: MemberView = {
            "user_id": row.user_id,
            "name": row.name,
            "role": row.role,
            "read_seq": row.read_seq,
            "joined_at": row.joined_at,
            "left": row.left_at is not None,
        }
        found.setdefault(row.trip_id, []).append(member)
    return found


async def leave(user_id: str, trip_id: str) -> None:
    """Leave a trip. When its last organiser goes, the longest-standing member takes over.

    Raises NotFound or NotAMember.
    """
    await _end(user_id, trip_id, user_id, acts.LEAVE)


async def remove(user_id: str, trip_id: str, target: str) -> None:
    """Take somebody out of a trip: organisers may take anyone, everybody themselves.

    Raises NotFound for an unknown trip or when the target is not in it, NotAMember for who may not.
    """
    await _end(user_id, trip_id, target, acts.REMOVE_MEMBER)


async def _end(user_id: str, trip_id: str, target: str, act: Act) -> None:
    async with db.transaction() as session:
        await lock_trip(session, trip_id)
        place = await place_of(session, user_id, trip_id, act)
        place.must(act, own=target == user_id)
        present = await _present(session, trip_id)
        if target not in present:
            raise NotFound("There is no such member in this trip.")
        _let_go(present, target, removed_by=None if target == user_id else user_id)
        if target != user_id:
            await auditing.note(session, user_id, trip_id, "member-removed", target)
    hub.publish(hub.MemberLeft(trip_id, target))
    hub.publish(hub.MembersChanged(trip_id))
    hub.publish(hub.TripsChanged(target))


async def end_in(session: AsyncSession, user_id: str, trip_id: str) -> bool:
    """Have somebody leave a trip that is locked, within a transaction; whether anybody is left.

    What `leave` tells is the caller's to tell.
    """
    present = await _present(session, trip_id)
    if user_id in present:
        _let_go(present, user_id)
    return bool(present.keys() - {user_id})


def _let_go(present: dict[str, Member], target: str, removed_by: str | None = None) -> None:
    """End one membership of those in a trip; somebody always organises it."""
    leaver = present.pop(target)
    leaver.left_at = clock.now()
    leaver.removed_by = removed_by
    leaver.role = "member"
    if present and all(member.role != "organiser" for member in present.values()):
        next(iter(present.values())).role = "organiser"


async def _present(session: AsyncSession, trip_id: str) -> dict[str, Member]:
    query = (
        select(Member)
        .where(col(Member.trip_id) == trip_id, col(Member.left_at).is_(None))
        .order_by(col(Member.joined_at), col(Member.user_id))
    )
    return {member.user_id: member for member in await session.scalars(query)}


_MEMBERS = (
    select(
        col(Member.trip_id),
        col(Member.user_id),
        col(User.name),
        col(Member.role),
        col(Member.read_seq),
        col(Member.joined_at),
        col(Member.left_at),
    )
    .join_from(Member, User, col(User.id) == col(Member.user_id))
    .where(col(Member.trip_id).in_(bindparam("trips", expanding=True)))
    .order_by(col(Member.joined_at), col(Member.user_id))
)
