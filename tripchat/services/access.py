"""Who may: the question every use case about a trip begins with; `acts` has the rules."""

from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import Connection, and_, bindparam, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession
from sqlmodel import col

from tripchat.errors import NotAMember, NotFound
from tripchat.ids import looks_like_id
from tripchat.models import Member, Role, Trip
from tripchat.services.acts import Act, Who


class Place(NamedTuple):
    """A trip, and a current member's place in it."""

    trip_id: str
    title: str
    destination: str | None
    starts_on: date | None
    ends_on: date | None
    time_zone: str | None
    last_seq: int
    last_rev: int
    role: Role
    read_seq: int

    def may(self, act: Act, *, own: bool = False) -> bool:
        """Whether they may do this; `own` says that it is about something of theirs."""
        return may(self.role, act, own=own)

    def must(self, act: Act, *, own: bool = False) -> None:
        """Raises NotAMember with the act's refusal for who may not."""
        if not self.may(act, own=own):
            raise NotAMember(act.refusal)


def may(role: Role, act: Act, *, own: bool = False) -> bool:
    """Whether a member with this role may do this, `own` as in `Place.may`."""
    match act.who:
        case Who.OWNER:
            return own
        case Who.OWNER_OR_ORGANISER:
            return own or role == "organiser"
        case Who.ORGANISER:
            return role == "organiser"
        case Who.MEMBER | Who.SIGNED_IN | Who.ANYBODY:
            return True
        case Who.OPERATOR:
            return False


def unknown_trip() -> NotFound:
    """The refusal for a trip that does not exist."""
    return NotFound("There is no such trip.")


def not_a_member() -> NotAMember:
    """The refusal for somebody who is not, or no longer, in the trip."""
    return NotAMember("You are not a member of this trip.")


async def place_of(
    where: AsyncSession | AsyncConnection, user_id: str, trip_id: object, act: Act
) -> Place:
    """This person's place in the trip; raises NotFound, or NotAMember for who may not do this.

    Where that depends on whose something is, the place is still to be asked: see `Place.must`.
    """
    if not looks_like_id(trip_id):
        raise unknown_trip()
    found = await where.execute(_PLACE, {"trip": trip_id, "user": user_id})
    return _found(found.one_or_none(), act)


def place_in(connection: Connection, user_id: str, trip_id: object, act: Act) -> Place:
    """`place_of` inside a `db.write` or `db.read`."""
    if not looks_like_id(trip_id):
        raise unknown_trip()
    found = connection.execute(_PLACE, {"trip": trip_id, "user": user_id})
    return _found(found.one_or_none(), act)


def _found(row: Any, act: Act) -> Place:
    if row is None:
        raise unknown_trip()
    place = Place(*row)
    if place.role is None:
        raise not_a_member()
    if not act.who.is_about_whose:
        place.must(act)
    return place


async def lock_trip(session: AsyncSession, trip_id: object) -> None:
    """Let nobody else change this trip until the transaction ends; raises NotFound."""
    await session.run_sync(lambda plain: lock_trip_in(plain.connection(), trip_id))


def lock_trip_in(connection: Connection, trip_id: object) -> None:
    """`lock_trip` inside a `db.write`."""
    if not looks_like_id(trip_id):
        raise unknown_trip()
    if connection.execute(_LOCK, {"trip": trip_id}).one_or_none() is None:
        raise unknown_trip()


PLACE = (
    col(Trip.id),
    col(Trip.title),
    col(Trip.destination),
    col(Trip.starts_on),
    col(Trip.ends_on),
    col(Trip.time_zone),
    col(Trip.last_seq),
    col(Trip.last_rev),
    col(Member.role),
    col(Member.read_seq),
)
"""The columns of a `Place`, in its order."""

_PLACE = (
    select(*PLACE)
    .join_from(
        Trip,
        Member,
        and_(
            col(Member.trip_id) == col(Trip.id),
            col(Member.user_id) == bindparam("user"),
            col(Member.left_at).is_(None),
        ),
        isouter=True,
    )
    .where(col(Trip.id) == bindparam("trip"))
)

_LOCK = (
    select(col(Trip.id)).where(col(Trip.id) == bindparam("trip")).with_for_update(key_share=True)
)
