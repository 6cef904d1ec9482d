"""Accounts: signing up, and proving who one is."""

from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlmodel import col

from tripchat import db, hub
from tripchat.errors import Conflict, Invalid, NotSignedIn
from tripchat.models import Member, User
from tripchat.services import checks, password_rules, passwords
from tripchat.views import PersonView


class Proven(NamedTuple):
    """Somebody who has given their password."""

    person: PersonView
    password_hash: str
    """What is stored of it: by the time a session is opened it may be another one."""


async def sign_up(name: str, email: str, password: str) -> PersonView:
    """Make an account; raises Invalid naming the field, or Conflict when the email is in use."""
    name = checks.words(name, "name", "The name", checks.NAME_CHARS)
    email = checks.email(email)
    password = await password_rules.chosen(password, name=name, email=email)
    user = User(name=name, email=email, password_hash=await passwords.hashed(password))
    try:
        async with db.transaction() as session:
            session.add(user)
    except IntegrityError:
        raise Conflict("This email address is already in use.", field="email") from None
    return _view(user)


async def authenticate(email: str, password: str) -> Proven:
    """The person with this email and password; raises NotSignedIn, whichever of them is wrong."""
    user = await _with_email(email)
    stored = user.password_hash if user else None
    # Also without a user: an unknown email must take as long as a wrong password.
    given = password if isinstance(password, str) else ""
    if not await passwords.matches(given[: checks.PASSWORD_CHARS[1] + 1], stored) or user is None:
        raise NotSignedIn("The email address or the password is wrong.")
    return Proven(_view(user), user.password_hash)


async def rename(user_id: str, name: str) -> PersonView:
    """Give somebody another name, everywhere at once; raises Invalid for field `name`."""
    name = checks.words(name, "name", "The name", checks.NAME_CHARS)
    places = select(col(Member.trip_id)).where(col(Member.user_id) == user_id)
    async with db.transaction() as session:
        user = await session.get_one(User, user_id)
        user.name = name
        trip_ids = tuple(await session.scalars(places))
    hub.publish(hub.PersonRenamed(user_id, name, trip_ids))
    return _view(user)


async def _with_email(email: str) -> User | None:
    try:
        address = checks.email(email)
    except Invalid:
        return None
    async with db.reading() as session:
        return await session.scalar(select(User).where(col(User.email) == address))


def _view(user: User) -> PersonView:
    return {"user_id": user.id, "name": user.name, "email": user.email}
