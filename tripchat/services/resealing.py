"""Putting what is sealed under the current key, while people go on reading and writing."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Any

from sqlalchemy import Connection, and_, bindparam, case, func, literal, select, tuple_, update
from sqlalchemy import inspect as inspected
from sqlalchemy.types import LargeBinary
from sqlmodel import col

from tripchat import db
from tripchat.models import Attachment, Message, Version
from tripchat.sealing import KEY_ID_BYTES, NAMELESS, VERSION, SealBroken, sealer
from tripchat.services import attachments, opening

LOOKED_AT_TOGETHER = 500
WRITTEN_TOGETHER = 50
"""So many are in one transaction: it is short, and nobody waits for it."""

HEAD_BYTES = len(VERSION) + KEY_ID_BYTES


@dataclass(frozen=True)
class Sealed:
    """A column with sealed bytes in a table that has a `trip_id`; empty bytes are nothing."""

    column: Any
    place: Callable[[Any], str]
    """What the bytes of a row are sealed for, within its trip."""
    reads: tuple[Any, ...]
    """The columns that `place` reads of a row."""

    @property
    def name(self) -> str:
        """What it is called, like `message.body`."""
        return f"{self._table.name}.{self.column.key}"

    @property
    def _table(self) -> Any:
        return inspected(self.column.class_).local_table

    @property
    def keys(self) -> list[Any]:
        """The columns of its table's primary key."""
        return [getattr(self.column.class_, key.name) for key in self._table.primary_key]


_MESSAGE_ID = (
    select(col(Message.id))
    .where(col(Message.trip_id) == col(Version.trip_id), col(Message.seq) == col(Version.seq))
    .scalar_subquery()
    .label("message_id")
)

_FILE_ID = col(Attachment.id).label("file_id")

SEALED = (
    Sealed(col(Message.body), lambda row: row.message_id, (col(Message.id).label("message_id"),)),
    Sealed(
        col(Version.body),
        lambda row: opening.version_place(row.message_id, row.version),
        (_MESSAGE_ID, col(Version.number).label("version")),
    ),
    Sealed(col(Attachment.key), lambda row: attachments.key_place(row.file_id), (_FILE_ID,)),
    Sealed(col(Attachment.about), lambda row: attachments.about_place(row.file_id), (_FILE_ID,)),
)
"""Everything that is sealed; `Seal.known` is the key's own affair."""


async def heads(what: Sealed) -> Counter[bytes]:
    """How many there are under each key, by what they begin with: `MasterKey.head`, `NAMELESS`."""
    found: Counter[bytes] = Counter()
    head = func.substr(what.column, 1, HEAD_BYTES, type_=LargeBinary)
    async for rows in _all(what, [head.label("head")]):
        found.update(
            NAMELESS if row.head.startswith(NAMELESS) else row.head for row in rows if row.head
        )
    return found


@dataclass(frozen=True)
class Progress:
    """What has been done in a pass through a column."""

    renewed: int
    broken: int
    """Those that open with no key that is here: they stay as they are."""


async def reseal(what: Sealed) -> AsyncIterator[Progress]:
    """Go through a column once, and put all that is not under the current key under it.

    What people change at the same moment is left to them. Gives what was done since it was last
    asked; raises Unavailable, and goes on from the beginning when it is called anew.
    """
    current = literal(sealer().current.head, LargeBinary)
    head = func.substr(what.column, 1, HEAD_BYTES, type_=LargeBinary)
    stale = case((head == current, None), else_=what.column)
    async for rows in _all(what, [what.column.class_.trip_id, *what.reads, stale.label("stale")]):
        found = [row for row in rows if row.stale]
        for start in range(0, len(found), WRITTEN_TOGETHER):
            began = perf_counter()
            yield await _renew(what, found[start : start + WRITTEN_TOGETHER])
            # Half of the time is everybody else's.
            await asyncio.sleep(perf_counter() - began)


async def _all(what: Sealed, columns: Sequence[Any]) -> AsyncIterator[Sequence[Any]]:
    """Every row, some at a time, in the order of the table's key."""
    keys = [key.label(f"key_{number}") for number, key in enumerate(what.keys)]
    query = select(*keys, *columns).order_by(*what.keys).limit(LOOKED_AT_TOGETHER)
    after: tuple[Any, ...] | None = None
    while True:
        page = query
        if after is not None:
            bounds = [literal(value, key.type) for value, key in zip(after, what.keys, strict=True)]
            page = query.where(tuple_(*what.keys) > tuple_(*bounds))
        async with db.read_connection() as connection:
            rows = (await connection.execute(page)).all()
        if not rows:
            return
        yield rows
        after = tuple(rows[-1][: len(keys)])


async def _renew(what: Sealed, rows: Sequence[Any]) -> Progress:
    def write(connection: Connection) -> Progress:
        ours, broken, renewed = sealer(), 0, 0
        for row in rows:
            try:
                body = ours.renewed(row.trip_id, what.place(row), row.stale)
            except SealBroken:
                broken += 1
                continue
            values = {f"is_{n}": row[n] for n in range(len(what.keys))}
            done = connection.execute(statement, {**values, "was": row.stale, "now": body})
            renewed += done.rowcount
        return Progress(renewed, broken)

    statement = (
        update(what.column.class_)
        .where(
            and_(*(key == bindparam(f"is_{n}", type_=key.type) for n, key in enumerate(what.keys))),
            # What somebody has changed or deleted since it was read stays as they left it.
            what.column == bindparam("was", type_=LargeBinary),
        )
        .values({what.column: bindparam("now", type_=LargeBinary)})
    )
    return await db.write(write)
