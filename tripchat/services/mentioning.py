"""Who is named in a message.

A body names people either by id, in `mentions` (the composer's completion knows whom one means),
or, when it has no such list, simply by writing `@` and a member's full name. What is stored is
each one's id with the name as it was written, so that the message reads the same after a rename.
"""

from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, select
from sqlmodel import col

from tripchat.errors import Invalid
from tripchat.kinds.names import Names
from tripchat.models import Member, Mention, User

Body = dict[str, Any]


def may_name(body: Body) -> bool:
    """Whether a checked body may name anybody at all: most do not, and need no look at members."""
    return "mentions" in body or "@" in _text(body)


def resolved(connection: Connection, trip_id: str, body: Body, before: Body | None = None) -> Body:
    """A checked body with everybody it names as `{user_id, name}`, in the order of the text.

    `before` is what the message said until now: a name in it goes on meaning whom it meant, also
    when that person has left or has another name now. Raises Invalid for field `mentions` when
    anybody else who is named by id is not in the trip.
    """
    if not may_name(body):
        return body
    named = [(one["user_id"], one["name"]) for one in (before or {}).get("mentions", ())]
    members = [(row.id, row.name) for row in connection.execute(_MEMBERS, {"trip": trip_id})]
    given = body.get("mentions")
    if given is None:
        taken = {name.lower() for _, name in named}
        people = named + [(user_id, name) for user_id, name in members if name.lower() not in taken]
    else:
        people = [(user_id, name) for user_id, name in named + members if user_id in given]
        if not set(given) <= {user_id for user_id, _ in people}:
            raise Invalid("Only members of the trip can be mentioned.", field="mentions")
    rest = {key: value for key, value in body.items() if key != "mentions"}
    found = _found(_text(body), Names(people))
    return rest | ({"mentions": found} if found else {})


def _found(text: str, names: Names) -> list[dict[str, str]]:
    written: dict[str, str] = {}
    at = text.find("@")
    while at >= 0:
        if found := names.at(text, at):
            user_ids, end = found
            for user_id in user_ids:
                written.setdefault(user_id, text[at + 1 : end])
        at = text.find("@", at + 1)
    return [{"user_id": user_id, "name": name} for user_id, name in written.items()]


def _text(body: Body) -> str:
    text = body.get("text")
    return text if isinstance(text, str) else ""  # other kinds may mean something else by it


def named_in(body: Body) -> list[str]:
    """The ids of those whom a resolved body names."""
    return [mention["user_id"] for mention in body.get("mentions", ())]


def rows(trip_id: str, seq: int, user_ids: list[str]) -> list[dict[str, Any]]:
    """The rows of `mention` for those whom a message names."""
    return [{"trip_id": trip_id, "seq": seq, "user_id": user_id} for user_id in user_ids]


def replace(connection: Connection, trip_id: str, seq: int, user_ids: list[str]) -> frozenset[str]:
    """Note whom a message names now; gives whom it named before."""
    place = {"trip_id": trip_id, "seq": seq}
    before = connection.execute(select(col(Mention.user_id)).filter_by(**place)).scalars().all()
    if before:
        connection.execute(delete(Mention).filter_by(**place))
    store(connection, rows(trip_id, seq, user_ids))
    return frozenset(before)


def store(connection: Connection, new: list[dict[str, Any]]) -> None:
    """Insert rows of `mention`."""
    if new:
        connection.execute(insert(Mention), new)


_MEMBERS = (
    select(col(User.id), col(User.name))
    .join_from(Member, User, col(User.id) == col(Member.user_id))
    .where(col(Member.trip_id) == bindparam("trip"), col(Member.left_at).is_(None))
    .order_by(col(User.id))
)
