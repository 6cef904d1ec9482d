"""My devices: the sessions of one person, as that person knows them, and ending those elsewhere."""

from __future__ import annotations

from sqlalchemy import select
from sqlmodel import col

from tripchat import clock, db
from tripchat.errors import NotFound
from tripchat.ids import looks_like_id
from tripchat.models import SignIn
from tripchat.services import sessions
from tripchat.services.sessions import Identity
from tripchat.services.user_agents import device_name
from tripchat.views import DeviceView


async def mine(who: Identity) -> list[DeviceView]:
    """Where this person is signed in: here first, then by when each was seen last."""
    async with db.reading() as session:
        found = await session.scalars(
            select(SignIn).where(col(SignIn.user_id) == who.user_id, sessions.IS_OPEN),
            sessions.moment(),
        )
    devices = [_view(each, who) for each in found]
    return sorted(devices, key=lambda each: (not each["current"], -each["last_seen_at"]))


async def sign_out(who: Identity, handle: object) -> None:
    """End one of this person's sessions; raises NotFound when none of theirs is called so."""
    if not looks_like_id(handle):
        raise _unknown()
    async with db.transaction() as session:
        found = await session.scalar(
            select(col(SignIn.id)).where(
                col(SignIn.handle) == handle, col(SignIn.user_id) == who.user_id
            )
        )
        if found is None:
            raise _unknown()
        ended = await sessions.end_in(session, found)
    sessions.tell_ended(ended)


async def sign_out_elsewhere(who: Identity) -> None:
    """End all sessions of this person but the one that asks."""
    async with db.transaction() as session:
        ended = await sessions.end_all_in(session, who.user_id, but=who.session_id)
    sessions.tell_ended(ended)


def _unknown() -> NotFound:
    return NotFound("You are not signed in there.")


def _view(sign_in: SignIn, who: Identity) -> DeviceView:
    current = sign_in.id == who.session_id
    return {
        "session_id": sign_in.handle,
        "device": device_name(sign_in.user_agent),
        "current": current,
        "signed_in_at": sign_in.created_at,
        "last_seen_at": clock.now() if current else sign_in.last_seen_at,
    }
