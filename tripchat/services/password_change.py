"""Another password for somebody who is signed in: it ends all that the old one has opened."""

from __future__ import annotations

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from tripchat import db
from tripchat.errors import Conflict, Invalid, NotSignedIn
from tripchat.models import PasswordReset, User
from tripchat.services import checks, password_rules, passwords, sessions
from tripchat.services.sessions import Identity


async def change(who: Identity, current: str, new: str, user_agent: str = "") -> str:
    """Give somebody another password; returns the token of the session that goes on.

    All sessions they had end, the one that asks included: its token may be known to others.

    Raises:
        Invalid: `password` is not the current one, or `new_password` cannot be chosen.
        Conflict: the password was changed by somebody else meanwhile.
        NotSignedIn: the session was ended meanwhile.
    """
    async with db.reading() as session:
        user = await session.get_one(User, who.user_id)
    if not await passwords.matches(current[: checks.PASSWORD_CHARS[1] + 1], user.password_hash):
        raise Invalid("This is not your current password.", field="password")
    new = await password_rules.chosen(new, name=user.name, email=user.email, field="new_password")
    hashed = await passwords.hashed(new)
    async with db.transaction() as session:
        ended = await replace_in(session, who.user_id, hashed, known=user.password_hash)
        if who.session_id not in ended:
            raise NotSignedIn("Sign in first.")
        token = sessions.open_in(session, who.user_id, user_agent)
    sessions.tell_ended(ended, renewed=who.session_id)
    return token


async def replace_in(
    session: AsyncSession, user_id: str, hashed: str, known: str | None = None
) -> list[str]:
    """Within a transaction, replace a password and close what the old one has opened.

    `known` is the stored hash that is to be replaced, if it matters. Returns what
    `sessions.tell_ended` takes. Raises Conflict.
    """
    user = await session.get_one(User, user_id, with_for_update={"key_share": True})
    if known is not None and user.password_hash != known:
        raise Conflict("Your password was changed a moment ago.", field="password")
    user.password_hash = hashed
    await session.execute(delete(PasswordReset).where(col(PasswordReset.user_id) == user_id))
    return await sessions.end_all_in(session, user_id)
