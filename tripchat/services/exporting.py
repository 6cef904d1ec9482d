"""A trip as its members take it along: everything in it, read a little at a time."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, select
from sqlmodel import col

from tripchat import db
from tripchat.models import Message, Version
from tripchat.services import acts, attachments, members, opening, trips, viewing
from tripchat.services.access import place_of
from tripchat.services.attachments import Download
from tripchat.views import MemberView, MessageView, TripView, VersionView

PER_PART = 50
"""Messages that are opened together: everybody else's turn comes after them."""


@dataclass(frozen=True)
class Exported:
    """A message, and what it said before each of its edits."""

    message: MessageView
    versions: Sequence[VersionView]


@dataclass(frozen=True)
class Export:
    """A trip at the moment at which somebody asked for it."""

    user_id: str
    trip: TripView
    members: Sequence[MemberView]
    """Everybody who is or was in it."""
    files: Sequence[Download]
    """Those that its messages have."""

    async def parts(self) -> AsyncIterator[list[Exported]]:
        """Its messages in `seq` order, some at a time; raises NotFound or NotAMember.

        Who may is asked with each part.
        """
        after, last = 0, self.trip["last_seq"]
        while after < last:
            upto = min(after + PER_PART, last)
            await check(self.user_id, self.trip["trip_id"])
            bounds = {"trip": self.trip["trip_id"], "after": after, "upto": upto}
            yield await db.read(lambda link, bounds=bounds: _part(link, bounds))
            after = upto


async def begin(user_id: str, trip_id: str) -> Export:
    """An export of a trip: for its members. Raises NotFound or NotAMember."""
    await check(user_id, trip_id)
    trip = await trips.get(user_id, trip_id)
    return Export(user_id, trip, await members.members(trip_id), await attachments.of_trip(trip_id))


async def check(user_id: str, trip_id: str) -> None:
    """Raise NotFound or NotAMember unless this person may have the trip."""
    async with db.read_connection() as connection:
        await place_of(connection, user_id, trip_id, acts.EXPORT_TRIP)


def _part(connection: Connection, bounds: dict[str, str | int]) -> list[Exported]:
    trip_id = str(bounds["trip"])
    rows = connection.execute(_MESSAGES, bounds).all()
    before: dict[int, list[VersionView]] = {}
    of_seq = {row.seq: row for row in rows}
    for version in connection.execute(_VERSIONS, bounds):
        message = of_seq[version.seq]
        place = opening.version_place(message.id, version.number)
        kind, body = opening.open_body(trip_id, place, message.kind, version.body)
        before.setdefault(version.seq, []).append(
            {
                "number": version.number,
                "kind": kind,
                "body": body,
                "written_at": version.written_at,
            }
        )
    return [
        Exported(message, before.get(message["seq"], ()))
        for message in viewing.views(connection, trip_id, rows)
    ]


_MESSAGES = opening.MESSAGE.where(
    col(Message.trip_id) == bindparam("trip"),
    col(Message.seq) > bindparam("after"),
    col(Message.seq) <= bindparam("upto"),
).order_by(col(Message.seq))

_VERSIONS = (
    select(col(Version.seq), col(Version.number), col(Version.body), col(Version.written_at))
    .where(
        col(Version.trip_id) == bindparam("trip"),
        col(Version.seq) > bindparam("after"),
        col(Version.seq) <= bindparam("upto"),
    )
    .order_by(col(Version.seq), col(Version.number))
)
