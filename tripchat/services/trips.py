"""Trips: making them, listing one's own, and what a member sees of one."""

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import and_, bindparam, func, select
from sqlalchemy.orm import aliased
from sqlmodel import col

from tripchat import db, hub, kinds
from tripchat.errors import Invalid
from tripchat.models import Member, Mention, Message, Role, Trip, User
from tripchat.services import acts, auditing, checks, opening
from tripchat.services.access import PLACE, Place, lock_trip, place_of, unknown_trip
from tripchat.views import TripCard, TripView


class Summary(NamedTuple):
    """What a list shows of a trip. Only good for being compared with another one."""

    newest: tuple[Any, ...]
    """Of its newest message."""
    description: tuple[Any, ...]
    """Its title and so on, and how many are in it."""


async def create(
    user_id: str,
    title: str,
    destination: str | None = None,
    starts_on: str | None = None,
    ends_on: str | None = None,
    time_zone: str | None = None,
) -> TripView:
    """Make a trip with this person as its organiser; days are ISO dates, the zone an IANA name.

    Raises Invalid naming the field.
    """
    trip = Trip(**_described(title, destination, starts_on, ends_on, time_zone), created_by=user_id)
    async with db.transaction() as session:
        session.add(trip)
        await session.flush()
        session.add(Member(trip_id=trip.id, user_id=user_id, role="organiser"))
    hub.publish(hub.TripsChanged(user_id))
    return _view(_place(trip, "organiser"))


async def change(
    user_id: str,
    trip_id: str,
    title: str,
    destination: str | None = None,
    starts_on: str | None = None,
    ends_on: str | None = None,
    time_zone: str | None = None,
) -> TripView:
    """Describe a trip anew: for organisers. Raises NotFound, NotAMember, Invalid like `create`."""
    described = _described(title, destination, starts_on, ends_on, time_zone)
    async with db.transaction() as session:
        await lock_trip(session, trip_id)
        place = await place_of(session, user_id, trip_id, acts.CHANGE_TRIP)
        trip = await session.get_one(Trip, trip_id)
        changed = [name for name, value in described.items() if getattr(trip, name) != value]
        for name in changed:
            setattr(trip, name, described[name])
        if changed:
            await auditing.note(session, user_id, trip_id, "trip-changed", fields=changed)
    hub.publish(hub.TripChanged(trip_id))
    return _view(place._replace(**described))


def _described(
    title: str,
    destination: str | None,
    starts_on: str | None,
    ends_on: str | None,
    time_zone: str | None,
) -> dict[str, Any]:
    """A trip's columns from what somebody wrote; raises Invalid naming the field."""
    first = checks.day(starts_on, "starts_on", "The first day")
    last = checks.day(ends_on, "ends_on", "The last day")
    if first and last and last < first:
        raise Invalid("The last day is before the first.", field="ends_on")
    return {
        "title": checks.words(title, "title", "The title", checks.TITLE_CHARS),
        "destination": (
            checks.words(destination, "destination", "The destination", checks.DESTINATION_CHARS)
            if destination
            else None
        ),
        "starts_on": first,
        "ends_on": last,
        "time_zone": checks.time_zone(time_zone),
    }


async def ids_of(user_id: str) -> set[str]:
    """The ids of the trips this person is in."""
    async with db.read_connection() as connection:
        return set((await connection.execute(_IDS, {"user": user_id})).scalars())


async def mine(user_id: str) -> list[TripCard]:
    """The trips this person is in, the one with the latest message first."""
    async with db.read_connection() as connection:
        rows = (await connection.execute(_MINE, {"user": user_id})).all()
    cards = []
    for row in rows:
        card: TripCard = {
            **_view(Place._make(row[: len(PLACE)])),
            "last_line": None,
            "last_author": row.author_name,
            "last_author_id": row.author_id,
            "last_at": row.sent_at,
            "member_count": row.member_count,
            "mentions": row.mentions,
        }
        if row.deleted_at is not None:
            card["last_line"] = ""
        elif row.message_id is not None:
            kind, view = opening.open_body(row.id, row.message_id, row.kind, row.body)
            card["last_line"] = kinds.kind(kind).line(view)
        cards.append(card)
    return cards


async def get(user_id: str, trip_id: str) -> TripView:
    """A trip as this member sees it; raises NotFound or NotAMember."""
    async with db.read_connection() as connection:
        return _view(await place_of(connection, user_id, trip_id, acts.OPEN_TRIP))


async def describe(trip_id: str) -> TripView:
    """A trip as anybody in it sees it; asks nobody's leave: for the room. Raises NotFound."""
    async with db.reading() as session:
        trip = await session.get(Trip, trip_id)
    if trip is None:
        raise unknown_trip()
    return _view(_place(trip, "member"))


async def describe_all(trip_ids: Sequence[str]) -> dict[str, tuple[TripView, int]]:
    """`describe` for several trips at once, each with its last `rev`, by trip id."""
    async with db.reading() as session:
        found = await session.scalars(select(Trip).where(col(Trip.id).in_(trip_ids)))
        return {trip.id: (_view(_place(trip, "member")), trip.last_rev) for trip in found}


async def summaries(trip_ids: Sequence[str]) -> dict[str, Summary]:
    """What lists show of these trips, to be compared with an earlier one; by trip id."""
    async with db.read_connection() as connection:
        rows = (await connection.execute(_SUMMARIES, {"trips": trip_ids})).all()
    return {row.id: Summary(tuple(row[1:4]), tuple(row[4:])) for row in rows}


def _place(trip: Trip, role: Role) -> Place:
    """The place of somebody with this role who has read nothing."""
    return Place(
        trip.id,
        trip.title,
        trip.destination,
        trip.starts_on,
        trip.ends_on,
        trip.time_zone,
        trip.last_seq,
        trip.last_rev,
        role,
        read_seq=0,
    )


def _view(place: Place) -> TripView:
    return {
        "trip_id": place.trip_id,
        "title": place.title,
        "destination": place.destination,
        "starts_on": _iso(place.starts_on),
        "ends_on": _iso(place.ends_on),
        "time_zone": place.time_zone,
        "last_seq": place.last_seq,
        "role": place.role,
        "read_seq": place.read_seq,
    }


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


_Author = aliased(User)
_Other = aliased(Member)

_IDS = select(col(Member.trip_id)).where(
    col(Member.user_id) == bindparam("user"), col(Member.left_at).is_(None)
)

# One statement for the whole list: the last message is found by its (trip_id, seq), never searched.
_MINE = (
    select(
        *PLACE,
        col(Message.id).label("message_id"),
        col(Message.kind),
        col(Message.body),
        col(Message.sent_at),
        col(Message.deleted_at),
        col(_Author.name).label("author_name"),
        col(Message.author_id),
        select(func.count())
        .where(col(_Other.trip_id) == col(Trip.id), col(_Other.left_at).is_(None))
        .scalar_subquery()
        .label("member_count"),
        select(func.count())
        .where(
            col(Mention.trip_id) == col(Trip.id),
            col(Mention.user_id) == col(Member.user_id),
            col(Mention.seq) > col(Member.read_seq),
        )
        .scalar_subquery()
        .label("mentions"),
    )
    .select_from(Member)
    .join(Trip, col(Trip.id) == col(Member.trip_id))
    .outerjoin(
        Message,
        and_(col(Message.trip_id) == col(Trip.id), col(Message.seq) == col(Trip.last_seq)),
    )
    .outerjoin(_Author, col(_Author.id) == col(Message.author_id))
    .where(col(Member.user_id) == bindparam("user"), col(Member.left_at).is_(None))
    .order_by(func.coalesce(col(Message.sent_at), col(Trip.created_at)).desc(), col(Trip.id))
)

_SUMMARIES = (
    select(
        col(Trip.id),
        col(Trip.last_seq),
        col(Message.rev),
        col(_Author.name),
        col(Trip.title),
        col(Trip.destination),
        col(Trip.starts_on),
        col(Trip.ends_on),
        select(func.count())
        .where(col(_Other.trip_id) == col(Trip.id), col(_Other.left_at).is_(None))
        .scalar_subquery(),
    )
    .select_from(Trip)
    .outerjoin(
        Message,
        and_(col(Message.trip_id) == col(Trip.id), col(Message.seq) == col(Trip.last_seq)),
    )
    .outerjoin(_Author, col(_Author.id) == col(Message.author_id))
    .where(col(Trip.id).in_(bindparam("trips", expanding=True)))
)
