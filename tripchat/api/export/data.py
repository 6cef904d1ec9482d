"""`trip.json`: all of a trip, for programs; a message in each line."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import orjson

from tripchat import clock
from tripchat.api.export.paths import Paths
from tripchat.api.messages import outside
from tripchat.api.moments import iso
from tripchat.services.exporting import Export, Exported


async def pieces(export: Export, paths: Paths) -> AsyncIterator[bytes]:
    """The document's bytes; raises like `Export.parts`."""
    head = {
        "exported_at": iso(clock.now()),
        "trip": {name: value for name, value in export.trip.items() if name not in _MINE},
        "members": [{**member, "joined_at": iso(member["joined_at"])} for member in export.members],
    }
    yield orjson.dumps(head).removesuffix(b"}") + b',"messages":['
    separator = b"\n"
    async for part in export.parts():
        lines = [orjson.dumps(_message(each, paths)) for each in part]
        yield separator + b",\n".join(lines)
        separator = b",\n"
    yield b"\n]}\n"


_MINE = ("role", "read_seq")
"""Who asked has no part in the document: all members get the same one."""


def _message(exported: Exported, paths: Paths) -> dict[str, Any]:
    message = outside(exported.message)
    message["versions"] = [
        {**version, "written_at": iso(version["written_at"])} for version in exported.versions
    ]
    message["attachments"] = [
        {**each, "path": paths.of(each["attachment_id"])}
        for each in exported.message["body"].get("attachments", ())
    ]
    return message
