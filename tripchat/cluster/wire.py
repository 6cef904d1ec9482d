"""Between workers: changes as sealed bytes, and back. Whoever runs Redis reads none of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from typing import Any

import orjson

from tripchat import hub
from tripchat.cluster.signs import Beat, Goodbye
from tripchat.hub import Change
from tripchat.sealing import MasterKey, SealBroken, Sealer

PURPOSE = "changes between workers"

CHANNEL = "tripchat:"
"""And a name that depends on the key: several sites may share one Redis."""

Item = Change | Beat | Goodbye
"""What one worker tells the others."""


@dataclass(frozen=True)
class Envelope:
    """What one worker says at once. Each of its envelopes has the next number."""

    worker_id: str
    number: int
    items: Sequence[Item] = field(repr=False)


class Unreadable(Exception):
    """These bytes are not what a worker of this site has sealed."""


def channel_of(key: MasterKey) -> str:
    """Where the workers that have this key hear each other."""
    return CHANNEL + key.name_for(PURPOSE)


def packed(envelope: Envelope, sealer: Sealer, key: MasterKey | None = None) -> bytes:
    """An envelope as sealed bytes, under the current key unless another one is given.

    Raises TypeError when something in it is no JSON.
    """
    items = [[type(item).__name__, _values(item)] for item in envelope.items]
    content = orjson.dumps([envelope.worker_id, envelope.number, items], default=_plain)
    return sealer.seal_for(PURPOSE, content, key)


def unpacked(sealed: bytes, sealer: Sealer) -> Envelope:
    """The envelope in these bytes; raises Unreadable."""
    try:
        worker_id, number, items = orjson.loads(sealer.open_for(PURPOSE, sealed))
        return Envelope(worker_id, number, [_item(name, values) for name, values in items])
    except (SealBroken, ValueError, TypeError, KeyError) as error:
        # Not chained: what a decoder complains of may quote the content.
        raise Unreadable(type(error).__name__) from None


def _values(item: Item) -> list[Any]:
    return [getattr(item, name) for name in _FIELDS[type(item).__name__]]


def _plain(value: Any) -> Any:
    if isinstance(value, frozenset):
        return sorted(value)
    raise TypeError


def _item(name: str, values: list[Any]) -> Item:
    item = dict(zip(_FIELDS[name], values, strict=True))
    if name == "MessageChanged":
        item["named_before"] = frozenset(item["named_before"])
    elif name == "PersonRenamed":
        item["trip_ids"] = tuple(item["trip_ids"])
    return _TYPES[name](**item)


_TYPES: dict[str, type[Any]] = {
    each.__name__: each
    for each in (
        hub.MessageAdded,
        hub.MessageChanged,
        hub.Reacted,
        hub.MembersChanged,
        hub.MemberLeft,
        hub.ReadMoved,
        hub.TripsChanged,
        hub.TripChanged,
        hub.TripErased,
        hub.PersonRenamed,
        hub.SessionEnded,
        hub.Here,
        hub.Types,
        hub.Everybody,
        hub.Asked,
        Beat,
        Goodbye,
    )
}
_FIELDS = {name: [each.name for each in fields(kind)] for name, kind in _TYPES.items()}
