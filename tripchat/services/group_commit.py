"""The one writer of messages in a process: what waits is committed together, in order of arrival.

A transaction costs about the same for one message as for fifty. While one runs, sends gather; the
next takes them all. Each is refused alone. After the commit every message goes to the hub in `seq`
order, and only then do the senders get their answer.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import and_, bindparam, insert, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from tripchat import clock, db, hub
from tripchat.errors import Invalid, Refused, TooMany
from tripchat.models import Member, Message, Trip
from tripchat.services import opening
from tripchat.services.access import not_a_member, unknown_trip
from tripchat.views import MessageView, Sent

log = logging.getLogger(__name__)

MOST_TOGETHER = 64
MOST_WAITING = 5_000


_Key = tuple[str, str, str]
_Row = dict[str, Any]


@dataclass(slots=True)
class Draft:
    """A message on its way: checked and sealed, without a `seq` yet."""

    id: str
    trip_id: str
    author_id: str
    client_id: str
    kind: str
    body: bytes
    view: dict[str, Any] = field(repr=False)
    reply_to_seq: int | None

    @property
    def key(self) -> _Key:
        """What makes a send the same send again."""
        return self.trip_id, self.author_id, self.client_id


Outcome = Sent | Exception
_Waiting = tuple[Draft, asyncio.Future[Sent]]

_waiting: deque[_Waiting] = deque()
_writer: asyncio.Task[None] | None = None


async def commit(draft: Draft) -> Sent:
    """Store and publish a message, or find the one it repeats.

    Raises NotFound, NotAMember, Invalid for `reply_to_seq`, TooMany when the database cannot keep
    up, and whatever the database raises.
    """
    global _writer
    if len(_waiting) >= MOST_WAITING:
        raise TooMany("Too many messages are waiting to be stored.", retry_after=1)
    answer: asyncio.Future[Sent] = asyncio.get_running_loop().create_future()
    _waiting.append((draft, answer))
    if _writer is None or _writer.done():
        _writer = asyncio.create_task(_write_waiting())
    return await answer


async def drain() -> None:
    """Wait until nothing is on its way."""
    while _writer is not None and not _writer.done():
        await asyncio.wait({_writer})


async def _write_waiting() -> None:
    try:
        while _waiting:
            batch = [_waiting.popleft() for _ in range(min(len(_waiting), MOST_TOGETHER))]
            outcomes = await _outcomes([draft for draft, _ in batch])
            for (_, answer), outcome in zip(batch, outcomes, strict=True):
                if answer.done():  # its sender stopped waiting; the message is stored all the same
                    continue
                if isinstance(outcome, Exception):
                    answer.set_exception(outcome)
                else:
                    answer.set_result(outcome)
    except asyncio.CancelledError:
        # The process stops: nobody may be left waiting for a writer that is gone.
        while _waiting:
            _waiting.popleft()[1].cancel()
        raise


async def _outcomes(drafts: Sequence[Draft]) -> list[Outcome]:
    try:
        return await _store(drafts)
    except DBAPIError as error:
        # The driver's own words: it has seen sealed bodies only.
        log.error("%d messages could not be stored: %s", len(drafts), error.orig)
        if len(drafts) == 1:
            return [error]
        # One of them may be at fault: each on its own, so that it takes nobody with it.
        return [outcome for draft in drafts for outcome in await _outcomes([draft])]
    except Exception as error:
        log.error("%d messages could not be stored: %s", len(drafts), type(error).__name__)
        return [error] * len(drafts)


async def _store(drafts: Sequence[Draft]) -> list[Outcome]:
    async with db.write_connection() as connection:
        known = await _look(connection, drafts)
        verdicts = [known.judge(draft) for draft in drafts]
        rows = [verdict for verdict in verdicts if isinstance(verdict, dict)]
        if rows:
            await connection.execute(_INSERT, rows)
            await connection.execute(
                _ADVANCE,
                [{"trip": trip, "seq": known.last_seq[trip]} for trip in known.advanced],
            )
    outcomes: list[Outcome] = []
    sent: dict[_Key, Sent] = {}
    for draft, verdict in zip(drafts, verdicts, strict=True):
        if isinstance(verdict, dict):
            verdict = sent[draft.key] = _broadcast(draft, verdict)
        outcomes.append(verdict or replace(sent[draft.key], repeated=True))
    return outcomes


@dataclass(slots=True)
class _Known:
    """What the database says about a batch, kept up to date while its drafts are judged in turn."""

    last_seq: dict[str, int]
    members: set[tuple[str, str]]
    stored: dict[_Key, Sent]
    now: int
    taken: set[_Key]
    advanced: dict[str, None]

    def judge(self, draft: Draft) -> _Row | Sent | Refused | None:
        """The row to insert, the message repeated, a refusal; None repeats an earlier draft."""
        last_seq = self.last_seq.get(draft.trip_id)
        if last_seq is None:
            return unknown_trip()
        if (draft.trip_id, draft.author_id) not in self.members:
            return not_a_member()
        if draft.key in self.stored:
            return self.stored[draft.key]
        if draft.key in self.taken:
            return None
        if draft.reply_to_seq is not None and draft.reply_to_seq > last_seq:
            return Invalid("There is no such message to reply to.", field="reply_to_seq")
        self.taken.add(draft.key)
        self.advanced[draft.trip_id] = None
        self.last_seq[draft.trip_id] = seq = last_seq + 1
        return {
            "id": draft.id,
            "trip_id": draft.trip_id,
            "seq": seq,
            "author_id": draft.author_id,
            "client_id": draft.client_id,
            "kind": draft.kind,
            "body": draft.body,
            "reply_to_seq": draft.reply_to_seq,
            "sent_at": self.now,
        }


async def _look(connection: AsyncConnection, drafts: Sequence[Draft]) -> _Known:
    trips = sorted({draft.trip_id for draft in drafts})
    if connection.dialect.name != "sqlite":
        # SQLite's transaction already has the database to itself. Sorted, so that no two workers
        # wait for each other's trips.
        await connection.execute(_LOCK, {"trips": trips})
    found = await connection.execute(
        _STANDING,
        {
            "trips": trips,
            "authors": list({draft.author_id for draft in drafts}),
            "client_ids": list({draft.client_id for draft in drafts}),
        },
    )
    known = _Known({}, set(), {}, clock.now(), set(), {})
    for row in found:
        known.last_seq[row.place_trip_id] = row.last_seq
        if row.user_id is not None:
            known.members.add((row.place_trip_id, row.user_id))
        if row.id is not None:
            key = (row.trip_id, row.author_id, row.client_id)
            message = opening.opened(row)
            moment = message.setdefault("broadcast_at", row.sent_at)
            known.stored[key] = Sent(message, moment, repeated=True)
    return known


def _broadcast(draft: Draft, row: _Row) -> Sent:
    moment = clock.now()
    message: MessageView = {
        "id": draft.id,
        "client_id": draft.client_id,
        "seq": row["seq"],
        "author_id": draft.author_id,
        "kind": draft.kind,
        "body": draft.view,
        "sent_at": row["sent_at"],
        "broadcast_at": moment,
    }
    if draft.reply_to_seq is not None:
        message["reply_to_seq"] = draft.reply_to_seq
    opening.remember_broadcast(draft.id, moment)
    hub.publish(hub.MessageAdded(draft.trip_id, message))
    return Sent(message, moment, repeated=False)


_LOCK = (
    select(col(Trip.id))
    .where(col(Trip.id).in_(bindparam("trips", expanding=True)))
    .order_by(col(Trip.id))
    .with_for_update()
)

# One row per trip and current member among the authors, one more for each message already stored.
# Lists instead of pairs ask for a few combinations too many; the keys of `_Known` sort them out.
_STANDING = (
    opening.MESSAGE.add_columns(
        col(Trip.id).label("place_trip_id"), col(Trip.last_seq), col(Member.user_id)
    )
    .select_from(Trip)
    .outerjoin(
        Member,
        and_(
            col(Member.trip_id) == col(Trip.id),
            col(Member.user_id).in_(bindparam("authors", expanding=True)),
            col(Member.left_at).is_(None),
        ),
    )
    .outerjoin(
        Message,
        and_(
            col(Message.trip_id) == col(Member.trip_id),
            col(Message.author_id) == col(Member.user_id),
            col(Message.client_id).in_(bindparam("client_ids", expanding=True)),
        ),
    )
    .where(col(Trip.id).in_(bindparam("trips", expanding=True)))
)

_INSERT = insert(Message)

_ADVANCE = update(Trip).where(col(Trip.id) == bindparam("trip")).values(last_seq=bindparam("seq"))
