"""Puts the demonstration into the database: what was said in one transaction, then some photos."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session
from sqlmodel import col

from tripchat import clock, db, storage
from tripchat.demo import conversation, people
from tripchat.demo.album import send_album
from tripchat.demo.conversation import MINUTE
from tripchat.demo.messages import add_messages
from tripchat.demo.trips import TRIPS, DemoTrip
from tripchat.models import Member, Trip, User
from tripchat.services import passwords
from tripchat.settings import Settings


async def fill(settings: Settings) -> list[str]:
    """Add the demonstration to the migrated database, unless it is there; gives how to sign in.

    Opens and closes the storage itself: call it before anything else has. Raises CannotStart when
    the key is not the database's.
    """
    await storage.open_storage(settings)
    try:
        async with db.transaction() as session:
            is_new = not await _is_there(session)
            if is_new:
                await _add(session, clock.now())
        if is_new:
            await send_album()
    finally:
        await storage.close_storage()
    *others, last = (person for person in people.NAMES if person != people.HOST)
    return [
        f"Sign in as {people.email(people.HOST)} with the password {people.PASSWORD};",
        f"in a second browser as {'@, '.join(others)}@ or {people.email(last)}, same password.",
    ]


async def _is_there(session: AsyncSession) -> bool:
    host = select(col(User.id)).where(col(User.email) == people.email(people.HOST))
    return (await session.execute(host)).first() is not None


async def _add(session: AsyncSession, now: int) -> None:
    users = [
        User(
            id=people.user_id(person),
            name=name,
            email=people.email(person),
            password_hash=await passwords.hashed(people.PASSWORD),
            created_at=now - 120 * clock.DAY,
        )
        for person, name in people.NAMES.items()
    ]
    session.add_all(users)
    await session.flush()
    for demo_trip in TRIPS:
        await session.run_sync(_add_trip, demo_trip, now)


def _add_trip(session: Session, demo_trip: DemoTrip, now: int) -> None:
    zone = ZoneInfo(demo_trip.time_zone)
    lines = list(conversation.timed(conversation.read(demo_trip.text), now, zone))
    today = datetime.fromtimestamp(now / clock.SECOND, UTC).astimezone(zone).date()
    begun = lines[0][0] - clock.HOUR
    trip = Trip(
        id=demo_trip.trip_id,
        title=demo_trip.title,
        destination=demo_trip.destination,
        starts_on=today + timedelta(days=demo_trip.first_day),
        ends_on=today + timedelta(days=demo_trip.last_day),
        time_zone=demo_trip.time_zone,
        last_seq=len(lines),
        created_by=people.user_id(demo_trip.people[0]),
        created_at=begun,
    )
    session.add(trip)
    session.flush()
    last_own = {line.author: seq for seq, (_, line) in enumerate(lines, 1)}
    for order, person in enumerate(demo_trip.people):
        session.add(
            Member(
                trip_id=trip.id,
                user_id=people.user_id(person),
                role="organiser" if order == 0 else "member",
                joined_at=begun + order * MINUTE,
                read_seq=last_own[person] if person in demo_trip.behind else len(lines),
            )
        )
    session.flush()
    trip.last_rev = add_messages(session, trip.id, lines)
