"""What organisers did, written in the transaction of the deed: nothing here changes an entry."""

from typing import Any

from sqlalchemy import Connection, bindparam, insert, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased
from sqlmodel import col

from tripchat import clock, db
from tripchat.models import AuditEntry, Deed, User
from tripchat.services import acts, checks
from tripchat.services.access import place_of
from tripchat.views import AuditPage, AuditView

MOST_PER_PAGE = 200
PER_PAGE = 50


async def note(
    session: AsyncSession,
    actor_id: str,
    trip_id: str,
    deed: Deed,
    person_id: str | None = None,
    fields: list[str] | None = None,
) -> None:
    """Write down what an organiser does in this very transaction."""
    await session.run_sync(
        lambda plain: note_in(plain.connection(), actor_id, trip_id, deed, person_id, fields=fields)
    )


def note_in(
    connection: Connection,
    actor_id: str,
    trip_id: str,
    deed: Deed,
    person_id: str | None = None,
    *,
    seq: int | None = None,
    fields: list[str] | None = None,
) -> None:
    """`note` inside a `db.write`."""
    entry = {
        "trip_id": trip_id,
        "at": clock.now(),
        "actor_id": actor_id,
        "deed": deed,
        "person_id": person_id,
        "seq": seq,
        "fields": ",".join(fields) if fields else None,
    }
    connection.execute(insert(AuditEntry).values(entry))


async def page(
    user_id: str, trip_id: str, before: int | None = None, limit: int = PER_PAGE
) -> AuditPage:
    """What a trip's organisers did, newest first: the `limit` entries before the one `before`.

    For organisers. Raises NotFound, NotAMember, Invalid naming the bound.
    """
    checks.whole(limit, "limit", "limit", 1, MOST_PER_PAGE)
    bound = checks.LARGEST if before is None else checks.whole(before, "before", "before", 1)
    async with db.read_connection() as connection:
        await place_of(connection, user_id, trip_id, acts.READ_AUDIT)
        wanted = {"trip": trip_id, "before": bound, "most": limit + 1}
        rows = (await connection.execute(_PAGE, wanted)).all()
    return {"entries": [_view(row) for row in rows[:limit]], "complete": len(rows) <= limit}


def _view(row: Any) -> AuditView:
    return {
        "entry_id": row.id,
        "at": row.at,
        "deed": row.deed,
        "actor_id": row.actor_id,
        "actor_name": row.actor_name,
        "person_id": row.person_id,
        "person_name": row.person_name,
        "seq": row.seq,
        "fields": row.fields.split(",") if row.fields else [],
    }


_Actor, _Person = aliased(User), aliased(User)

_PAGE = (
    select(
        col(AuditEntry.id),
        col(AuditEntry.at),
        col(AuditEntry.deed),
        col(AuditEntry.actor_id),
        col(_Actor.name).label("actor_name"),
        col(AuditEntry.person_id),
        col(_Person.name).label("person_name"),
        col(AuditEntry.seq),
        col(AuditEntry.fields),
    )
    .outerjoin(_Actor, col(_Actor.id) == col(AuditEntry.actor_id))
    .outerjoin(_Person, col(_Person.id) == col(AuditEntry.person_id))
    .where(col(AuditEntry.trip_id) == bindparam("trip"), col(AuditEntry.id) < bindparam("before"))
    .order_by(col(AuditEntry.id).desc())
    .limit(bindparam("most"))
)
