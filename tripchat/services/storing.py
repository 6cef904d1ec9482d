"""Storing messages: who may, is it a repeat, the next `seq`, one transaction; then to the hub."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from time import perf_counter
from typing import Any

from reflex_base import otel
from sqlalchemy import (
    Connection,
    and_,
    bindparam,
    func,
    insert,
    select,
    true,
    tuple_,
    update,
)
from sqlalchemy.exc import DBAPIError
from sqlmodel import col

from tripchat import clock, db, hub, kinds
from tripchat.db import outage
from tripchat.errors import Invalid, NotAMember, Refused
from tripchat.models import Member, Message, Role, Trip
from tripchat.observability import context, metrics
from tripchat.services import acts, attaching, mentioning, opening, receipts, viewing
from tripchat.services.access import may, not_a_member, unknown_trip
from tripchat.services.group_commit import Locked, Patience
from tripchat.views import MessageView, QuoteView, Sent

_Key = tuple[str, str, str]
_Reader = tuple[str, str]
"""Trip id, user id."""
_Row = dict[str, Any]
_Verdict = _Row | Sent | Refused | Locked | None


@dataclass(slots=True)
class Draft:
    """A message on its way: checked, without a `seq` yet."""

    id: str
    trip_id: str
    author_id: str
    client_id: str
    kind: str
    body: dict[str, Any] = field(repr=False)
    view: dict[str, Any] = field(repr=False)
    reply_to_seq: int | None
    mentions: list[str]
    """The ids of those it names."""
    quote: QuoteView | None = field(default=None, repr=False)
    """What it answers, once that has been looked up."""
    arrived: float = field(default_factory=context.arrived)
    """When it came, by `time.perf_counter`."""

    @property
    def uploads(self) -> list[str]:
        """The ids of the files that it has."""
        return attaching.named_in(self.body)

    def whole(self, unsent: attaching.Unsent) -> dict[str, Any]:
        """The body with what its files are, which are taken out of `unsent`; raises Invalid."""
        if not self.uploads:
            return self.body
        body = attaching.resolved(self.body, unsent, self.trip_id, self.author_id)
        self.view = kinds.kind(self.kind).view(body)
        return body

    @property
    def key(self) -> _Key:
        """What makes a send the same send again."""
        return self.trip_id, self.author_id, self.client_id


async def store(drafts: Sequence[Draft], patience: Patience) -> list[Sent | Exception]:
    """Store these messages in order, in one transaction, and publish them after its commit.

    Gives for each what became of it: stored, found to be a repeat, or why it was refused; `Locked`
    when somebody else was changing its trip for longer than there was `patience`.
    """
    for draft in drafts:
        receipts.expect(draft.id)
    with metrics.store.time(), otel.span("tripchat.store", {"tripchat.messages": len(drafts)}):
        verdicts, read = await db.write(lambda link: _judge_and_insert(link, drafts, patience))
    outcomes: list[Sent | Exception] = []
    sent: dict[_Key, Sent] = {}
    for draft, verdict in zip(drafts, verdicts, strict=True):
        if isinstance(verdict, dict):
            verdict = sent[draft.key] = _broadcast(draft, verdict)
        elif not isinstance(verdict, Refused):
            metrics.sends_repeated.inc()
        outcomes.append(verdict or replace(sent[draft.key], repeated=True))
    for (trip_id, author_id), seq in read.items():
        hub.publish(hub.ReadMoved(trip_id, author_id, seq))
    return outcomes


def _judge_and_insert(
    connection: Connection, drafts: Sequence[Draft], patience: Patience
) -> tuple[list[_Verdict], dict[_Reader, int]]:
    """What becomes of each draft, and the authors' read markers that move along."""
    known = _look(connection, drafts, patience)
    verdicts = [known.judge(draft) for draft in drafts]
    rows = [verdict for verdict in verdicts if isinstance(verdict, dict)]
    if rows:
        connection.execute(_INSERT, rows)
        connection.execute(
            _ADVANCE,
            [
                {"trip": trip, "seq": known.last_seq[trip], "rev": known.last_rev[trip]}
                for trip in known.advanced
            ],
        )
        mentioning.store(connection, known.mentions)
        attaching.bind(connection, known.attached)
    if known.read:
        connection.execute(
            _READ,
            [
                {"trip": trip_id, "user": author_id, "seq": seq}
                # Sorted, as read markers are moved everywhere: nobody waits in a circle.
                for (trip_id, author_id), seq in sorted(known.read.items())
            ],
        )
    return verdicts, known.read


@dataclass(slots=True)
class _Known:
    """What the database says about a batch, kept up to date while its drafts are judged in turn."""

    last_seq: dict[str, int]
    last_rev: dict[str, int]
    originals: dict[str, dict[int, QuoteView]]
    """What replies may answer, by trip and `seq`."""
    roles: dict[_Reader, Role]
    """The members among the authors."""
    markers: dict[_Reader, int]
    """How far each of them has read."""
    stored: dict[_Key, Sent]
    now: int
    locked: set[str]
    """The trips that somebody else is changing."""
    taken: set[_Key] = field(default_factory=set)
    advanced: dict[str, None] = field(default_factory=dict)
    mentions: list[_Row] = field(default_factory=list)
    unsent: attaching.Unsent = field(default_factory=dict)
    """The uploads that the drafts name, until one of them has them."""
    attached: list[tuple[str, str]] = field(default_factory=list)
    """The ids of messages, each with that of an upload that it has."""
    read: dict[_Reader, int] = field(default_factory=dict)
    """The markers of authors who had read all before: what they write is not news to them."""

    def judge(self, draft: Draft) -> _Verdict:
        """The row to insert, the message repeated, a refusal; None repeats an earlier draft."""
        if draft.trip_id in self.locked:
            return Locked()
        last_seq = self.last_seq.get(draft.trip_id)
        if last_seq is None:
            return unknown_trip()
        reader = draft.trip_id, draft.author_id
        if reader not in self.roles:
            return not_a_member()
        if not may(self.roles[reader], acts.SEND):
            return NotAMember(acts.SEND.refusal)
        if draft.key in self.stored:
            return self.stored[draft.key]
        if draft.key in self.taken:
            return None
        if draft.reply_to_seq is not None:
            draft.quote = self.originals[draft.trip_id].get(draft.reply_to_seq)
            if draft.quote is None:
                return Invalid("There is no such message to reply to.", field="reply_to_seq")
            if draft.quote["deleted"]:
                return Invalid("The message to reply to was deleted.", field="reply_to_seq")
        try:
            body = draft.whole(self.unsent)
        except Invalid as refused:
            return refused
        self.taken.add(draft.key)
        self.advanced[draft.trip_id] = None
        self.last_seq[draft.trip_id] = seq = last_seq + 1
        self.last_rev[draft.trip_id] += 1
        if self.markers[reader] == last_seq:
            self.markers[reader] = self.read[reader] = seq
        self.mentions += mentioning.rows(draft.trip_id, seq, draft.mentions)
        self.attached += [(draft.id, upload) for upload in draft.uploads]
        return {
            "id": draft.id,
            "trip_id": draft.trip_id,
            "seq": seq,
            "rev": self.last_rev[draft.trip_id],
            "author_id": draft.author_id,
            "client_id": draft.client_id,
            "kind": draft.kind,
            # Here, and no earlier: whoever waits for this transaction waits for its key as well.
            "body": opening.closed(draft.trip_id, draft.id, body),
            "reply_to_seq": draft.reply_to_seq,
            "sent_at": self.now,
        }


def _look(connection: Connection, drafts: Sequence[Draft], patience: Patience) -> _Known:
    trips = sorted({draft.trip_id for draft in drafts})
    locked = _lock(connection, trips, patience)
    if len(locked) == len(trips):
        return _Known({}, {}, {}, {}, {}, {}, 0, locked)
    found = connection.execute(
        _STANDING,
        {
            "trips": trips,
            "authors": list({draft.author_id for draft in drafts}),
            "keys": list({draft.key for draft in drafts}),
        },
    )
    known = _Known({}, {}, _originals(connection, drafts), {}, {}, {}, clock.now(), locked)
    uploads = [upload for draft in drafts for upload in draft.uploads]
    known.unsent = attaching.unsent(connection, uploads)
    for row in found:
        known.last_seq[row.place_trip_id] = row.last_seq
        known.last_rev[row.place_trip_id] = row.last_rev
        if row.user_id is not None:
            known.roles[row.place_trip_id, row.user_id] = row.role
            known.markers[row.place_trip_id, row.user_id] = row.read_seq
        if row.id is not None:
            key = (row.trip_id, row.author_id, row.client_id)
            message = opening.opened(row)
            moment = message.setdefault("broadcast_at", row.sent_at)
            known.stored[key] = Sent(message, moment, repeated=True)
    return known


def _lock(connection: Connection, trips: Sequence[str], patience: Patience) -> set[str]:
    """Have these trips, sorted, to oneself; gives those that cannot be had."""
    if connection.dialect.name == "sqlite":
        return set()  # its transaction has the whole database
    if patience is Patience.SKIP:
        # What is not found is locked, or there is no such trip: with more patience that is seen.
        return {*trips}.difference(connection.execute(_LOCK_FREE, {"trips": trips}).scalars())
    try:
        connection.execute(_LOCK_SOON if patience is Patience.BRIEF else _LOCK, {"trips": trips})
    except DBAPIError as error:
        if patience is Patience.BRIEF and outage.is_held(error):
            return {*trips}
        raise
    return set()


def _originals(connection: Connection, drafts: Sequence[Draft]) -> dict[str, dict[int, QuoteView]]:
    wanted: dict[str, set[int]] = {}
    for draft in drafts:
        if draft.reply_to_seq is not None:
            wanted.setdefault(draft.trip_id, set()).add(draft.reply_to_seq)
    return {trip: viewing.quotes_of(connection, trip, seqs) for trip, seqs in wanted.items()}


def _broadcast(draft: Draft, row: _Row) -> Sent:
    moment = receipts.broadcast(draft.id)
    message: MessageView = {
        "id": draft.id,
        "client_id": draft.client_id,
        "seq": row["seq"],
        "rev": row["rev"],
        "author_id": draft.author_id,
        "kind": draft.kind,
        "body": draft.view,
        "sent_at": row["sent_at"],
        "broadcast_at": moment,
    }
    if draft.reply_to_seq is not None and draft.quote is not None:
        message["reply_to_seq"] = draft.reply_to_seq
        message["quote"] = draft.quote
    hub.publish(hub.MessageAdded(draft.trip_id, message))
    metrics.messages_stored.inc()
    metrics.send_to_broadcast.observe(perf_counter() - draft.arrived)
    return Sent(message, moment, repeated=False)


# Sorted, so that no two workers wait for each other's trips.
_LOCK = (
    select(col(Trip.id))
    .where(col(Trip.id).in_(bindparam("trips", expanding=True)))
    .order_by(col(Trip.id))
    # Whoever only refers to a trip, like a new invite, need not wait.
    .with_for_update(key_share=True)
)

# In the same statement, which spares a round trip: no row is locked before this is set.
_SOON = select(func.set_config("lock_timeout", "100ms", True).label("soon")).subquery()
_LOCK_SOON = _LOCK.join(_SOON, true()).add_columns(_SOON.c.soon)

_LOCK_FREE = _LOCK.with_for_update(key_share=True, skip_locked=True)

# Found by whole keys, before anything is joined: PostgreSQL would otherwise read every message of a
# trip that has grown since it was analysed.
_STORED = (
    opening.MESSAGE.where(
        tuple_(col(Message.trip_id), col(Message.author_id), col(Message.client_id)).in_(
            bindparam("keys", expanding=True)
        )
    )
    .cte("stored")
    .prefix_with("MATERIALIZED", dialect="postgresql")
)

# One row per trip and current member among the authors, one more for each message already stored.
# Members are asked for by lists instead of pairs: a few too many, which the keys of `_Known` sort
# out.
_STANDING = (
    select(
        _STORED,
        col(Trip.id).label("place_trip_id"),
        col(Trip.last_seq),
        col(Trip.last_rev),
        col(Member.user_id),
        col(Member.role),
        col(Member.read_seq),
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
        _STORED,
        and_(_STORED.c.trip_id == col(Member.trip_id), _STORED.c.author_id == col(Member.user_id)),
    )
    .where(col(Trip.id).in_(bindparam("trips", expanding=True)))
)

_INSERT = insert(Message)

_ADVANCE = (
    update(Trip)
    .where(col(Trip.id) == bindparam("trip"))
    .values(last_seq=bindparam("seq"), last_rev=bindparam("rev"))
)

_READ = (
    update(Member)
    .where(
        col(Member.trip_id) == bindparam("trip"),
        col(Member.user_id) == bindparam("user"),
        col(Member.read_seq) < bindparam("seq"),
    )
    .values(read_seq=bindparam("seq"))
)
