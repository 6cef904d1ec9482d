"""Sessions: one per signed-in browser, which has the token; the database has its SHA-256.

A token is made here and nowhere else, with every sign-in anew. It ends when somebody ends it, when
its days are over, or when nobody has used it for a while.
"""

import hashlib
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, bindparam, delete, not_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from tripchat import clock, db, hub
from tripchat.errors import NotSignedIn
from tripchat.models import SignIn, User
from tripchat.settings import get_settings

COOKIE = "tripchat_session"
"""The cookie that carries a session's token."""

USER_AGENT_CHARS = 200

SEEN_EVERY = 10 * clock.MINUTE
"""How late it may be known that a session was used: no call waits for that to be written."""


@dataclass(frozen=True)
class Identity:
    """Who is behind a session's token."""

    session_id: str
    user_id: str
    name: str
    email: str
    expires_at: int
    """When the session ends by itself, however much it is used."""


async def start(
    user_id: str,
    user_agent: str = "",
    *,
    replacing: str | None = None,
    proven_by: str | None = None,
) -> str:
    """Open a session; returns its token, which exists nowhere else.

    `replacing` is the token that the same browser had until now; `proven_by` the stored hash of the
    password that was given. Raises NotSignedIn when that was changed meanwhile.
    """
    before = session_id(replacing) if replacing else ""
    async with db.transaction() as session:
        if proven_by is not None:
            user = await session.get_one(User, user_id, with_for_update={"key_share": True})
            if not secrets.compare_digest(user.password_hash, proven_by):
                raise NotSignedIn("The email address or the password is wrong.")
        await session.execute(_CLEAN, {"user": user_id, **moment()})
        ended = await end_in(session, before) if before else []
        token = open_in(session, user_id, user_agent)
    tell_ended(ended, renewed=before)
    return token


def open_in(session: AsyncSession, user_id: str, user_agent: str) -> str:
    """Open a session within a transaction; returns its token."""
    token = secrets.token_urlsafe(32)
    now = clock.now()
    session.add(
        SignIn(
            id=session_id(token),
            user_id=user_id,
            created_at=now,
            expires_at=now + get_settings().session_days * clock.DAY,
            last_seen_at=now,
            user_agent="".join(filter(str.isprintable, user_agent))[:USER_AGENT_CHARS],
        )
    )
    return token


async def identify(token: str | None) -> Identity | None:
    """Who this token belongs to; None when it is unknown, ended or expired."""
    if not token:
        return None
    who = {"session": session_id(token), **moment()}
    async with db.read_connection() as connection:
        row = (await connection.execute(_WHO, who)).one_or_none()
    if row is None:
        return None
    if row.last_seen_at <= clock.now() - SEEN_EVERY:
        _seen.add(row.id)
    return Identity(*row[:-1])


async def names(session_ids: Sequence[str]) -> dict[str, str]:
    """Of these sessions those that are still open, with the name of whose they are."""
    some = {"sessions": session_ids, **moment()}
    async with db.read_connection() as connection:
        return {row.id: row.name for row in await connection.execute(_OPEN, some)}


async def end(session_id: str) -> None:
    """Close a session and, through the hub, its open tabs. Ending it again does nothing."""
    async with db.transaction() as session:
        ended = await end_in(session, session_id)
    tell_ended(ended)


async def end_in(session: AsyncSession, session_id: str) -> list[str]:
    """Close a session within a transaction; returns what `tell_ended` takes after it."""
    return await _deleted(session, col(SignIn.id) == session_id)


async def end_all_in(session: AsyncSession, user_id: str, but: str = "") -> list[str]:
    """Close all sessions of a person, `but` one, within a transaction; see `end_in`."""
    return await _deleted(session, col(SignIn.user_id) == user_id, col(SignIn.id) != but)


def tell_ended(session_ids: Iterable[str], renewed: str = "") -> None:
    """Tell, after the commit, which sessions have ended; `renewed` has got another token."""
    for each in session_ids:
        hub.publish(hub.SessionEnded(each, renewed=each == renewed))


async def _deleted(session: AsyncSession, *which: ColumnElement[bool]) -> list[str]:
    return list(await session.scalars(delete(SignIn).where(*which).returning(col(SignIn.id))))


_seen: set[str] = set()
"""Sessions that were used, and of which that is to be written."""


def take_seen() -> set[str]:
    """The sessions that were used here since this was asked last, if that is worth writing."""
    global _seen
    seen, _seen = _seen, set()
    return seen


async def store_seen(session_ids: Sequence[str]) -> None:
    """Write that these sessions are in use now, unless that was written a short while ago."""
    now = clock.now()
    stale = col(SignIn.last_seen_at) <= now - SEEN_EVERY
    async with db.transaction() as session:
        await session.execute(
            update(SignIn)
            .where(col(SignIn.id).in_(session_ids), stale)
            .values(last_seen_at=now)
            .execution_options(synchronize_session=False)
        )


def session_id(token: str) -> str:
    """The session's id in the database, which opens nothing by itself."""
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()


def moment() -> dict[str, int]:
    """The present one, as `IS_OPEN` wants it."""
    now = clock.now()
    return {"now": now, "unseen": now - get_settings().session_idle_days * clock.DAY}


IS_OPEN = and_(
    col(SignIn.expires_at) > bindparam("now"), col(SignIn.last_seen_at) > bindparam("unseen")
)
"""Which sessions have not ended by themselves."""

_CLEAN = delete(SignIn).where(col(SignIn.user_id) == bindparam("user"), not_(IS_OPEN))

_WHO = (
    select(
        col(SignIn.id),
        col(User.id),
        col(User.name),
        col(User.email),
        col(SignIn.expires_at),
        col(SignIn.last_seen_at),
    )
    .join_from(SignIn, User, col(User.id) == col(SignIn.user_id))
    .where(col(SignIn.id) == bindparam("session"), IS_OPEN)
)

_OPEN = (
    select(col(SignIn.id), col(User.name))
    .join_from(SignIn, User, col(User.id) == col(SignIn.user_id))
    .where(col(SignIn.id).in_(bindparam("sessions", expanding=True)), IS_OPEN)
)
