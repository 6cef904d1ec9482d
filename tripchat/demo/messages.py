"""The demonstration's messages, with what has happened to each since it was sent."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from tripchat.clock import SECOND
from tripchat.demo import people
from tripchat.demo.conversation import Line
from tripchat.ids import new_id
from tripchat.kinds.text import TEXT
from tripchat.models import Mention, Message, Reaction, Version
from tripchat.services import mentioning, opening

CHANGED_AFTER = 40 * SECOND


def add_messages(session: Session, trip_id: str, lines: list[tuple[int, Line]]) -> int:
    """Add lines, each with the moment at which it is said; gives the trip's last `rev`."""
    seqs = {id(line): seq for seq, (_, line) in enumerate(lines, 1)}
    rev = 0
    below: list[Mention | Reaction | Version] = []
    for seq, (moment, line) in enumerate(lines, 1):
        rev += 1 + len(line.reactions) + (line.was is not None) + line.deleted
        message = Message(
            id=new_id(),
            trip_id=trip_id,
            seq=seq,
            rev=rev,
            author_id=people.user_id(line.author),
            client_id=new_id(),
            kind=TEXT.name,
            body=b"",
            reply_to_seq=seqs[id(line.answers)] if line.answers else None,
            sent_at=moment,
            edited_at=None if line.was is None else moment + CHANGED_AFTER,
            deleted_at=moment + CHANGED_AFTER if line.deleted else None,
        )
        if not line.deleted:
            body = _body(session, trip_id, line.text)
            message.body = opening.closed(trip_id, message.id, body)
            below += _below(message, line, mentioning.named_in(body))
        session.add(message)
    session.flush()
    session.add_all(below)
    return rev


def _body(session: Session, trip_id: str, text: str) -> dict[str, Any]:
    return mentioning.resolved(session.connection(), trip_id, TEXT.validate({"text": text}))


def _below(message: Message, line: Line, named: list[str]) -> list[Mention | Reaction | Version]:
    """What belongs to a message in tables of its own."""
    place = {"trip_id": message.trip_id, "seq": message.seq}
    found: list[Mention | Reaction | Version] = [
        Mention(**place, user_id=user_id) for user_id in named
    ]
    for number, (emoji, person) in enumerate(reversed(line.reactions)):
        user_id = people.user_id(person)
        found.append(Reaction(**place, user_id=user_id, emoji=emoji, rev=message.rev - number))
    if line.was is not None:
        first = opening.version_place(message.id, 1)
        body = opening.closed(message.trip_id, first, TEXT.validate({"text": line.was}))
        found.append(Version(**place, number=1, body=body, written_at=message.sent_at))
    return found
