"""Sessions: one per signed-in browser, which has the token; the database has its SHA-256."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import and_, bindparam, delete, select
from sqlmodel import col

from tripchat import clock, db, hub
from tripchat.models import SignIn, User
from tripchat.settings import get_settings

COOKIE = "tripchat_session"
"""The cookie that carries a session's token."""

USER_AGENT_CHARS = 200


@dataclass(frozen=True)
class Identity:
    """Who is behind a session's token."""

    session_id: str
    user_id: str
    name: str
    email: str


async def start(user_id: str, user_agent: str = "") -> str:
    """Open a session; returns its token, which exists nowhere else."""
    token = secrets.token_urlsafe(32)
    now = clock.now()
    async with db.transaction() as session:
        await session.execute(
            delete(SignIn).where(col(SignIn.user_id) == user_id, col(SignIn.expires_at) <= now)
        )
        session.add(
            SignIn(
                id=session_id(token),
                user_id=user_id,
                created_at=now,
                expires_at=now + get_settings().session_days * clock.DAY,
                user_agent="".join(filter(str.isprintable, user_agent))[:USER_AGENT_CHARS],
            )
        )
    return token


async def identify(token: str | None) -> Identity | None:
    """Who this token belongs to; None when it is unknown, ended or expired."""
    if not token:
        return None
    async with db.read_connection() as connection:
        found = await connection.execute(_WHO, {"session": session_id(token), "now": clock.now()})
        row = found.one_or_none()
    return Identity(*row) if row else None


async def names(session_ids: Sequence[str]) -> dict[str, str]:
    """Of these sessions those that are still open, with the name of whose they are."""
    async with db.read_connection() as connection:
        found = await connection.execute(_OPEN, {"sessions": session_ids, "now": clock.now()})
        return {row.id: row.name for row in found}


async def end(session_id: str) -> None:
    """Close a session and, through the hub, its open tabs. Ending it again does nothing."""
    async with db.transaction() as session:
        ended = await session.execute(
            delete(SignIn).where(col(SignIn.id) == session_id).returning(col(SignIn.id))
        )
        known = ended.one_or_none() is not None
    if known:
        hub.publish(hub.SessionEnded(session_id))


def session_id(token: str) -> str:
    """The session's id in the database, which opens nothing by itself."""
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()


_WHO = (
    select(col(SignIn.id), col(User.id), col(User.name), col(User.email))
    .join_from(SignIn, User, col(User.id) == col(SignIn.user_id))
    .where(and_(col(SignIn.id) == bindparam("session"), col(SignIn.expires_at) > bindparam("now")))
)

_OPEN = (
    select(col(SignIn.id), col(User.name))
    .join_from(SignIn, User, col(User.id) == col(SignIn.user_id))
    .where(
        col(SignIn.id).in_(bindparam("sessions", expanding=True)),
        col(SignIn.expires_at) > bindparam("now"),
    )
)
