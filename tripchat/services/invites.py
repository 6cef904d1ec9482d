"""Invites: links that let people join, until revoked, expired or used up."""

import secrets

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from tripchat import clock, db, hub
from tripchat.errors import Conflict, NotFound
from tripchat.ids import looks_like_id
from tripchat.models import Invite, Member, Trip, User
from tripchat.services import acts, auditing, checks
from tripchat.services.access import lock_trip, place_of
from tripchat.views import InviteLook, InviteView

MOST_HOURS = 24 * 365
MOST_USES = 1000


async def create(
    user_id: str,
    trip_id: str,
    expires_in_hours: int | None = None,
    max_uses: int | None = None,
) -> InviteView:
    """Make an invite; every member may. Raises NotFound, NotAMember, Invalid naming the field."""
    if expires_in_hours is not None:
        checks.whole(expires_in_hours, "expires_in_hours", "The number of hours", 1, MOST_HOURS)
    if max_uses is not None:
        checks.whole(max_uses, "max_uses", "The number of uses", 1, MOST_USES)
    now = clock.now()
    invite = Invite(
        code=secrets.token_urlsafe(12),
        trip_id=trip_id,
        created_by=user_id,
        created_at=now,
        expires_at=now + expires_in_hours * clock.HOUR if expires_in_hours else None,
        max_uses=max_uses,
    )
    async with db.transaction() as session:
        # Whoever is just being removed could otherwise make one that lets them in again.
        await lock_trip(session, trip_id)
        await place_of(session, user_id, trip_id, acts.INVITE)
        session.add(invite)
    return _view(invite)


async def usable(user_id: str, trip_id: str) -> list[InviteView]:
    """The invites that still let people in and that this member may revoke, newest first.

    Raises NotFound or NotAMember.
    """
    query = (
        select(Invite)
        .where(col(Invite.trip_id) == trip_id, col(Invite.revoked_at).is_(None))
        .order_by(col(Invite.created_at).desc(), col(Invite.code))
    )
    async with db.reading() as session:
        place = await place_of(session, user_id, trip_id, acts.LIST_INVITES)
        found = (await session.execute(query)).scalars().all()
    return [
        _view(invite)
        for invite in found
        if _refusal(invite) is None
        and place.may(acts.REVOKE_INVITE, own=invite.created_by == user_id)
    ]


async def revoke(user_id: str, code: str) -> None:
    """End an invite: whoever made it may, and the trip's organisers. Again does nothing.

    Raises NotFound or NotAMember.
    """
    async with db.transaction() as session:
        invite = await _invite(session, code)
        # Nobody comes in by it any more once this has returned.
        await lock_trip(session, invite.trip_id)
        place = await place_of(session, user_id, invite.trip_id, acts.REVOKE_INVITE)
        place.must(acts.REVOKE_INVITE, own=invite.created_by == user_id)
        if invite.revoked_at is None:
            invite.revoked_at = clock.now()
            if place.role == "organiser":
                made_by = invite.created_by
                await auditing.note(session, user_id, invite.trip_id, "invite-revoked", made_by)


async def look(code: str) -> InviteLook:
    """What an invite leads to; raises NotFound, or Conflict saying why it no longer works."""
    async with db.reading() as session:
        invite = await _invite(session, code)
        _check(invite)
        found = await session.execute(
            select(Trip, User)
            .join_from(Trip, User, col(User.id) == invite.created_by)
            .where(col(Trip.id) == invite.trip_id)
        )
        trip, inviter = found.one()
        count = await session.scalar(
            select(func.count())
            .select_from(Member)
            .where(col(Member.trip_id) == trip.id, col(Member.left_at).is_(None))
        )
        return {
            "code": invite.code,
            "trip_id": trip.id,
            "trip_title": trip.title,
            "destination": trip.destination,
            "starts_on": trip.starts_on.isoformat() if trip.starts_on else None,
            "ends_on": trip.ends_on.isoformat() if trip.ends_on else None,
            "inviter_name": inviter.name,
            "member_count": count or 0,
        }


async def accept(user_id: str, code: str) -> str:
    """Join the invite's trip and return its id; for those who are in it already, only that.

    Raises NotFound, or Conflict saying why the invite no longer works.
    """
    async with db.transaction() as session:
        trip_id = (await _invite(session, code)).trip_id
        await lock_trip(session, trip_id)
        invite = await _invite(session, code)  # again, now that nobody else can use it up
        member = await session.get(Member, (trip_id, user_id))
        if member is not None and member.left_at is None:
            return trip_id
        _check(invite)
        trip = await session.get_one(Trip, trip_id)
        if member is None:
            member = Member(trip_id=trip_id, user_id=user_id)
        elif member.removed_by is not None and invite.created_at <= (member.left_at or 0):
            raise Conflict("You were removed from this trip; ask its members for a new invite.")
        member.joined_at, member.left_at, member.removed_by = clock.now(), None, None
        # What was said before they came is there to read, and not counted as unread.
        member.read_seq = trip.last_seq
        invite.uses += 1
        session.add(member)
    hub.publish(hub.MembersChanged(trip_id))
    hub.publish(hub.TripsChanged(user_id))
    return trip_id


async def _invite(session: AsyncSession, code: str) -> Invite:
    found = None
    if looks_like_id(code):
        query = select(Invite).where(col(Invite.code) == code)
        found = await session.scalar(query, execution_options={"populate_existing": True})
    if found is None:
        raise NotFound("There is no such invite.")
    return found


def _check(invite: Invite) -> None:
    if refusal := _refusal(invite):
        raise Conflict(refusal)


def _refusal(invite: Invite) -> str | None:
    if invite.revoked_at is not None:
        return "This invite has been revoked."
    if invite.expires_at is not None and invite.expires_at <= clock.now():
        return "This invite has expired."
    if invite.max_uses is not None and invite.uses >= invite.max_uses:
        return "This invite has been used up."
    return None


def _view(invite: Invite) -> InviteView:
    return {
        "code": invite.code,
        "trip_id": invite.trip_id,
        "expires_at": invite.expires_at,
        "max_uses": invite.max_uses,
        "uses": invite.uses,
    }
