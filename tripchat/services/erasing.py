"""Erasing a trip, and a person's account: all of it, for good.

First, in one transaction, it is closed to everybody and noted to be erased; then it goes, a little
at a time, so that nobody waits for it; at last the database's files forget it. Whoever is ended in
the middle goes on at the next start, for what is noted.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence

from sqlalchemy import Connection, bindparam, delete, select, update
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import SQLModel, col

from tripchat import db, hub, mail
from tripchat.errors import Invalid, Refused, Unavailable
from tripchat.hub import MemberLeft, MembersChanged, MessageChanged, Reacted, TripErased
from tripchat.models import (
    Erasure,
    Invite,
    Member,
    Mention,
    Message,
    PasswordReset,
    Reaction,
    Trip,
    User,
    Version,
)
from tripchat.services import (
    acts,
    attachments,
    auditing,
    changing,
    editing,
    members,
    passwords,
    sessions,
)
from tripchat.services.access import lock_trip, lock_trip_in, place_of

log = logging.getLogger(__name__)

FORMER = "Former member"
"""The name of everybody whose account was erased."""

PER_TRANSACTION = 50
"""Messages that go together."""

LOOK_EVERY_SECONDS = 60.0
"""How often it is looked for what somebody else has left unfinished."""

WIPE_EVERY_SECONDS = 60.0
"""A worker has the files forget no more often: others may wait for it, and anybody may erase."""


async def erase_trip(user_id: str, trip_id: str, title: object) -> None:
    """Erase a trip: for organisers, who have to say its title.

    Raises NotFound, NotAMember, or Invalid for field `title`.
    """
    async with db.transaction() as session:
        await lock_trip(session, trip_id)
        place = await place_of(session, user_id, trip_id, acts.ERASE_TRIP)
        if not isinstance(title, str) or title.strip() != place.title:
            raise Invalid("This is not the trip's title.", field="title")
        await auditing.note(session, user_id, trip_id, "trip-erased")
        present = await _close_trip(session, trip_id)
    _tell_closed(trip_id, present)
    await _finish(trip_id)


async def erase_person(user_id: str, password: object) -> None:
    """Erase an account: for who knows its password.

    What they wrote goes in all trips, and its places stay, of somebody without a name. A trip
    that they alone organise gets the longest-standing member; one that nobody else is in is erased.
    Raises Invalid for field `password`.
    """
    async with db.reading() as session:
        stored = (await session.get_one(User, user_id)).password_hash
    if not isinstance(password, str) or not await passwords.matches(password, stored):
        raise Invalid("This is not your password.", field="password")
    async with db.transaction() as session:
        left, closed = await _let_go_of_trips(session, user_id)
        ended = await sessions.end_all_in(session, user_id)
        await session.execute(delete(Invite).where(col(Invite.created_by) == user_id))
        await session.execute(delete(PasswordReset).where(col(PasswordReset.user_id) == user_id))
        user = await session.get_one(User, user_id, with_for_update=True)
        address = user.email
        # What is no address and no hash lets nobody in.
        user.name, user.email, user.password_hash = FORMER, f"erased {user_id}", ""
        trip_ids = await _trips_of(session, user_id)
        session.add(Erasure(id=user_id, what="person"))
    sessions.tell_ended(ended)
    _tell_left(user_id, left, closed)
    hub.publish(hub.PersonRenamed(user_id, FORMER, tuple(trip_ids)))
    await mail.forget(address)
    await _finish(*closed, user_id)


async def _let_go_of_trips(
    session: AsyncSession, user_id: str
) -> tuple[list[str], dict[str, list[str]]]:
    """End all memberships; the trips that go on, and those that are closed with who was in them."""
    current = select(col(Member.trip_id)).where(
        col(Member.user_id) == user_id, col(Member.left_at).is_(None)
    )
    left: list[str] = []
    closed: dict[str, list[str]] = {}
    # Sorted, as trips are locked everywhere: nobody waits in a circle.
    for trip_id in await session.scalars(current.order_by(col(Member.trip_id))):
        await lock_trip(session, trip_id)
        if await members.end_in(session, user_id, trip_id):
            left.append(trip_id)
        else:
            closed[trip_id] = [user_id]
            await _close_trip(session, trip_id)
    everywhere = update(Member).where(col(Member.user_id) == user_id)
    await session.execute(everywhere.values(read_seq=0))
    return left, closed


async def _close_trip(session: AsyncSession, trip_id: str) -> list[str]:
    """Let nobody into a trip that is locked, ever; gives who was in it."""
    present = await session.scalars(
        select(col(Member.user_id)).where(
            col(Member.trip_id) == trip_id, col(Member.left_at).is_(None)
        )
    )
    user_ids = sorted(present)
    for model in (Invite, Member):
        await session.execute(delete(model).where(col(model.trip_id) == trip_id))
    nothing = {"title": "", "destination": None, "starts_on": None, "ends_on": None}
    await session.execute(update(Trip).where(col(Trip.id) == trip_id).values(nothing))
    session.add(Erasure(id=trip_id, what="trip"))
    return user_ids


def _tell_left(user_id: str, left: Sequence[str], closed: dict[str, list[str]]) -> None:
    for trip_id in left:
        hub.publish(MemberLeft(trip_id, user_id))
        hub.publish(MembersChanged(trip_id))
    for trip_id, present in closed.items():
        _tell_closed(trip_id, present)


def _tell_closed(trip_id: str, present: Sequence[str]) -> None:
    for user_id in present:
        hub.publish(MemberLeft(trip_id, user_id))
    hub.publish(TripErased(trip_id))
    for user_id in present:
        hub.publish(hub.TripsChanged(user_id))


async def _trips_of(session: AsyncSession, user_id: str) -> list[str]:
    """All trips that somebody is or was in."""
    query = select(col(Member.trip_id)).where(col(Member.user_id) == user_id)
    return list(await session.scalars(query.order_by(col(Member.trip_id))))


# What is closed goes.


async def _sweep_trip(trip_id: str) -> None:
    await attachments.erase_of_trip(trip_id)
    is_more = True
    while is_more:
        is_more = await db.write(lambda link: _delete_some(link, trip_id))
        await asyncio.sleep(0)
    try:
        await db.write(lambda link: link.execute(_TRIP, {"trip": trip_id}))
    except IntegrityError:
        # An upload was being noted just when the door was closed.
        await attachments.erase_of_trip(trip_id)
        await db.write(lambda link: link.execute(_TRIP, {"trip": trip_id}))


def _delete_some(connection: Connection, trip_id: str) -> bool:
    """Delete a trip's first messages and all that hangs on them; whether there were any."""
    found = connection.execute(_FIRST, {"trip": trip_id, "most": PER_TRANSACTION}).scalars().all()
    if not found:
        return False
    for model in (Reaction, Mention, Version, Message):
        upto = (col(model.trip_id) == trip_id, col(model.seq) <= found[-1])
        connection.execute(delete(model).where(*upto))
    return True


async def _sweep_person(user_id: str) -> None:
    async with db.transaction() as session:
        # Whoever was just joining a trip when they were erased has joined it.
        left, closed = await _let_go_of_trips(session, user_id)
        trip_ids = await _trips_of(session, user_id)
    _tell_left(user_id, left, closed)
    await attachments.erase_of_user(user_id)
    for trip_id in trip_ids:
        await _tell_each(lambda link, trip=trip_id: _clear_some(link, trip, user_id))
        await _tell_each(lambda link, trip=trip_id: _unreact_some(link, trip, user_id))
    async with db.transaction() as session:
        await session.execute(delete(Mention).where(col(Mention.user_id) == user_id))
    for trip_id in closed:
        await _sweep_trip(trip_id)


async def _tell_each(work: Callable[[Connection], Sequence[hub.Change]]) -> None:
    """Do some work again and again, and tell what it has changed, until there is nothing."""
    while changes := await db.write(work):
        for change in changes:
            hub.publish(change)
        await asyncio.sleep(0)


def _clear_some(connection: Connection, trip_id: str, user_id: str) -> list[hub.Change]:
    lock_trip_in(connection, trip_id)
    wanted = {"trip": trip_id, "user": user_id, "most": PER_TRANSACTION}
    changes: list[hub.Change] = []
    for row in connection.execute(_WRITTEN, wanted).all():
        # Its files have gone before.
        (message, named_before), _ = editing.clear(connection, trip_id, row)
        changes.append(MessageChanged(trip_id, message, named_before))
    return changes


def _unreact_some(connection: Connection, trip_id: str, user_id: str) -> list[hub.Change]:
    lock_trip_in(connection, trip_id)
    wanted = {"trip": trip_id, "user": user_id, "most": PER_TRANSACTION}
    changes: list[hub.Change] = []
    for seq, emoji in connection.execute(_REACTED, wanted).all():
        rev = changing.next_rev(connection, trip_id)
        changing.set_values(connection, trip_id, seq, rev=rev)
        which = {"trip_id": trip_id, "seq": seq, "user_id": user_id, "emoji": emoji}
        connection.execute(delete(Reaction).filter_by(**which))
        changes.append(Reacted(trip_id, seq, rev, user_id, emoji, there=False))
    return changes


_wiped_at = float("-inf")


async def _finish(*ids: str) -> None:
    """Have these go; the files forget them at once, or within a minute."""
    async with db.reading() as session:
        known = await session.scalars(select(Erasure).where(col(Erasure.id).in_(ids)))
        for erasure in known.all():
            await (_sweep_trip if erasure.what == "trip" else _sweep_person)(erasure.id)
    if time.monotonic() - _wiped_at >= WIPE_EVERY_SECONDS:
        try:
            await _wipe(ids)
        except Unavailable:
            # It is gone for everybody; what is noted is tried again.
            log.warning("the database's files hold what was erased a little longer: it is busy")


async def _wipe(ids: Sequence[str]) -> None:
    """Have the files forget what was deleted of these, and be done with them."""
    global _wiped_at
    _wiped_at = time.monotonic()
    await db.wipe(*SQLModel.metadata.tables)
    async with db.transaction() as session:
        await session.execute(delete(Erasure).where(col(Erasure.id).in_(ids)))


async def finish() -> None:
    """Finish whatever has been begun, by whomever."""
    async with db.reading() as session:
        ids = list(await session.scalars(select(col(Erasure.id))))
    if ids:
        await _finish(*ids)


async def go_on() -> None:
    """Look now and then whether something is unfinished."""
    while True:
        try:
            await finish()
        except (Refused, SQLAlchemyError, OSError) as error:
            # It stays noted, and is tried again.
            log.warning("what is being erased is not gone yet: %s", type(error).__name__)
        await asyncio.sleep(LOOK_EVERY_SECONDS)


_TRIP = delete(Trip).where(col(Trip.id) == bindparam("trip"))

_FIRST = (
    select(col(Message.seq))
    .where(col(Message.trip_id) == bindparam("trip"))
    .order_by(col(Message.seq))
    .limit(bindparam("most"))
)

_WRITTEN = (
    select(col(Message.id), col(Message.seq))
    .where(
        col(Message.trip_id) == bindparam("trip"),
        col(Message.author_id) == bindparam("user"),
        col(Message.deleted_at).is_(None),
    )
    .order_by(col(Message.seq))
    .limit(bindparam("most"))
)

_REACTED = (
    select(col(Reaction.seq), col(Reaction.emoji))
    .where(col(Reaction.trip_id) == bindparam("trip"), col(Reaction.user_id) == bindparam("user"))
    .order_by(col(Reaction.seq), col(Reaction.emoji))
    .limit(bindparam("most"))
)
