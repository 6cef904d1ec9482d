"""A new password for somebody who has forgotten theirs, by a link that goes to their email.

Whoever asks learns nothing about who has an account: they are answered before anybody looks.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import secrets

from sqlalchemy import bindparam, delete, func, select
from sqlmodel import col

from tripchat import clock, db, mail
from tripchat.errors import NotFound, Refused, Unavailable
from tripchat.mail import Letter
from tripchat.models import PasswordReset, User
from tripchat.services import checks, password_change, password_rules, passwords, sessions

VALID = clock.HOUR

LINKS_AT_ONCE = 5
"""Links of one person that may be valid at the same time: nobody's mailbox is to be filled."""

WAITING = 200
"""Askings that may be under way in this process; each may take as long as a mail server does."""

log = logging.getLogger(__name__)

_under_way: set[asyncio.Task[None]] = set()


def ask(email: str, site: str | None) -> None:
    """Have a link sent to this address, if somebody has an account with it.

    `site` is the address that the link begins with; nothing is sent while that is not known. Raises
    Invalid when this is no address at all, Unavailable when nothing can be looked up now.
    """
    address = checks.email(email)
    if db.is_away():
        raise Unavailable("TripChat cannot look that up at the moment.")
    if site is None:
        log.warning("no link for a new password was sent: TRIPCHAT_PUBLIC_URL has to be set")
        return
    if len(_under_way) >= WAITING:
        log.warning("no link for a new password was sent: too many are asked for")
        return
    task = asyncio.create_task(_send(address, site))
    _under_way.add(task)
    task.add_done_callback(_under_way.discard)


async def drain() -> None:
    """Wait until all that was asked for is sent, or has failed."""
    await asyncio.gather(*_under_way, return_exceptions=True)


async def check(token: object) -> User:
    """Whose password may be set with this token; raises NotFound when nobody's."""
    async with db.reading() as session:
        user = await session.scalar(_WHOSE, {"reset": _id(token), "now": clock.now()})
    if user is None:
        raise _unknown()
    return user


async def redeem(token: object, password: str) -> None:
    """Set a new password; the token and all sessions of the person end.

    Raises NotFound when the token is of no use any more, Invalid when the password is none that may
    be chosen: the token can be used once more then.
    """
    user = await check(token)
    password = await password_rules.chosen(password, name=user.name, email=user.email)
    hashed = await passwords.hashed(password)
    async with db.transaction() as session:
        used = await session.scalar(_USE, {"reset": _id(token), "now": clock.now()})
        if used is None:
            raise _unknown()
        ended = await password_change.replace_in(session, user.id, hashed)
    sessions.tell_ended(ended)


async def _send(address: str, site: str) -> None:
    try:
        token = await _made_for(address)
    except Refused as refused:
        log.error("a link for a new password could not be made: %s", type(refused).__name__)
        return
    if token is not None:
        await mail.post(_letter(address, f"{site}/reset/{token}"))


async def _made_for(address: str) -> str | None:
    """A token for the person with this address; None when there is none, or they have enough."""
    async with db.reading() as session:
        user_id = await session.scalar(select(col(User.id)).where(col(User.email) == address))
    if user_id is None:
        return None
    token, now = secrets.token_urlsafe(32), clock.now()
    async with db.transaction() as session:
        user = await session.get_one(User, user_id, with_for_update={"key_share": True})
        if user.email != address:
            return None
        theirs = col(PasswordReset.user_id) == user_id
        await session.execute(
            delete(PasswordReset).where(theirs, col(PasswordReset.expires_at) <= now)
        )
        valid = await session.scalar(select(func.count()).select_from(PasswordReset).where(theirs))
        if (valid or 0) >= LINKS_AT_ONCE:
            return None
        session.add(PasswordReset(id=_id(token), user_id=user_id, expires_at=now + VALID))
    return token


def _letter(address: str, link: str) -> Letter:
    return Letter(
        to=address,
        subject="A new password for TripChat",
        text=f"""\
Hello,

somebody, probably you, has forgotten the TripChat password for this email address.
Choose a new one here:

{link}

The link works once, and for an hour. You will be signed out on all your devices.

If it was not you, do nothing: your password stays as it is.

TripChat
""",
    )


def _id(token: object) -> str:
    """What the database knows a token by."""
    return hashlib.sha256(str(token).encode(errors="replace")).hexdigest()


def _unknown() -> NotFound:
    return NotFound("This link does not work any more. Ask for a new one.")


_VALID = (
    col(PasswordReset.id) == bindparam("reset"),
    col(PasswordReset.expires_at) > bindparam("now"),
)

_WHOSE = select(User).join(PasswordReset, col(PasswordReset.user_id) == col(User.id)).where(*_VALID)

_USE = delete(PasswordReset).where(*_VALID).returning(col(PasswordReset.user_id))
