"""From message rows to whole views: with their reactions, and with what replies answer.

Works on a plain connection, so that a write can look at what it has just written; asynchronous
readers call it with `run_sync`.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, select
from sqlmodel import col

from tripchat.models import Message, Reaction
from tripchat.services import opening
from tripchat.views import MessageView, QuoteView, Reactions


def views(connection: Connection, trip_id: str, rows: Sequence[Any]) -> list[MessageView]:
    """The views of rows with `opening.MESSAGE`'s columns, all of one trip, in their order."""
    messages = [opening.opened(row) for row in rows]
    if messages:
        _add_reactions(connection, trip_id, messages)
        _add_quotes(connection, trip_id, messages)
    return messages


def _add_reactions(connection: Connection, trip_id: str, messages: list[MessageView]) -> None:
    # By name, not by span: what changed in a long trip may be its first message and its last.
    seqs = [message["seq"] for message in messages]
    found: dict[int, Reactions] = {}
    for row in connection.execute(_REACTIONS, {"trip": trip_id, "seqs": seqs}):
        found.setdefault(row.seq, {}).setdefault(row.user_id, {})[row.emoji] = row.rev
    for message in messages:
        if reactions := found.get(message["seq"]):
            message["reactions"] = reactions


def _add_quotes(connection: Connection, trip_id: str, messages: list[MessageView]) -> None:
    wanted = {message["reply_to_seq"] for message in messages if "reply_to_seq" in message}
    if not wanted:
        return
    quotes = quotes_of(connection, trip_id, wanted)
    for message in messages:
        if "reply_to_seq" in message:
            message["quote"] = quotes[message["reply_to_seq"]]


def quotes_of(connection: Connection, trip_id: str, seqs: set[int]) -> dict[int, QuoteView]:
    """What replies show of these messages; unknown ones are left out."""
    rows = connection.execute(_ORIGINALS, {"trip": trip_id, "seqs": sorted(seqs)})
    return {row.seq: quote(opening.opened(row)) for row in rows}


def quote(message: MessageView) -> QuoteView:
    """What a reply shows of this message."""
    return {
        "seq": message["seq"],
        "rev": message["rev"],
        "author_id": message["author_id"],
        "line": opening.line_of(message),
        "deleted": message.get("deleted", False),
    }


_REACTIONS = select(
    col(Reaction.seq), col(Reaction.user_id), col(Reaction.emoji), col(Reaction.rev)
).where(
    col(Reaction.trip_id) == bindparam("trip"),
    col(Reaction.seq).in_(bindparam("seqs", expanding=True)),
)

_ORIGINALS = opening.MESSAGE.where(
    col(Message.trip_id) == bindparam("trip"),
    col(Message.seq).in_(bindparam("seqs", expanding=True)),
)
