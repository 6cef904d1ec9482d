"""What is left over of files, collected now and then: uploads that nobody sent, blobs of nothing.

Every worker may do it, several at once do no harm: all that is removed is old, and nobody comes
back to it. What a message has is never removed. Should its bytes be missing, that is a fault to be
told: removing its row as well would make what a wrong folder looks like into a real loss.
"""

from __future__ import annotations

import asyncio
import logging
import random
import re
from collections.abc import AsyncIterator
from typing import NamedTuple

from sqlalchemy import bindparam, select
from sqlmodel import col

from tripchat import clock, db, files
from tripchat.files.store import Blob
from tripchat.models import Attachment
from tripchat.services import attachments

log = logging.getLogger(__name__)

UNSENT_AFTER = clock.DAY
"""How old an upload or a blob is before it counts as left over, in milliseconds."""

UNFINISHED_AFTER = clock.HOUR
"""The same for what was being written: nobody pauses for so long."""

EVERY_SECONDS = 3600.0
TOGETHER = 500

_OURS = re.compile(r"([0-9a-f]{32})t?")
"""What is called otherwise has come there in another way, and is none of our business."""


class Collected(NamedTuple):
    """What one round has found."""

    unsent: int
    """Uploads that no message has had for too long."""
    unfinished: int
    """Writes that have broken off."""
    blobs: int
    """Blobs that no row knows, removed."""
    missing: int
    """Files of messages whose blob is not there."""


async def collect() -> Collected:
    """Remove what is left over."""
    now = clock.now()
    unsent = await _remove_unsent(now - UNSENT_AFTER)
    unfinished = await files.store().sweep(now - UNFINISHED_AFTER)
    blobs, missing = await _compare(now - UNSENT_AFTER)
    found = Collected(unsent, unfinished, blobs, missing)
    if unsent or unfinished or blobs:
        log.info("collected %d unsent uploads, %d unfinished, %d blobs", unsent, unfinished, blobs)
    if missing:
        log.error("the bytes of %d files are missing where files are kept", missing)
    return found


async def go_on() -> None:
    """Collect every hour or so, each worker at moments of its own."""
    while True:
        await asyncio.sleep(EVERY_SECONDS * random.uniform(0.1, 1))  # noqa: S311
        try:
            await collect()
        except Exception as error:
            log.warning("nothing could be collected: %s", type(error).__name__)


async def _remove_unsent(before: int) -> int:
    removed = 0
    while True:
        blobs = await db.write(lambda link: attachments.delete_unsent(link, before, TOGETHER))
        await attachments.discard(blobs)
        removed += len(blobs)
        if len(blobs) < TOGETHER:
            return removed


async def _compare(before: int) -> tuple[int, int]:
    """Remove old blobs without a row; gives how many, and how many old rows have no blob.

    Both are gone through in the order of names, so many at a time.
    """
    removed = missing = 0
    low, seen = "", set[str]()
    async for high, blobs in _in_parts():
        present = {_file_of(blob.name) for blob in blobs}
        known = await _rows(low, high)
        orphans = [
            blob for blob in blobs if _file_of(blob.name) not in known and blob.written_at < before
        ]
        for blob in orphans:
            await files.store().delete(blob.name)
        removed += len(orphans)
        gone = [
            name
            for name, created_at in known.items()
            if name not in present and name not in seen and created_at < before
        ]
        # Some may have been deleted in good order, since the blobs were listed.
        missing += len(gone and {*gone} & (await _rows(low, high)).keys())
        low, seen = high, present
    return removed, missing


async def _in_parts() -> AsyncIterator[tuple[str, list[Blob]]]:
    """Our blobs, each time with the last file's name; after the last one comes none."""
    part: list[Blob] = []
    async for blob in files.store().blobs():
        if _OURS.fullmatch(blob.name):
            part.append(blob)
        if len(part) == TOGETHER:
            yield _file_of(part[-1].name), part
            part = []
    yield "g", part  # behind all hexadecimal digits


def _file_of(blob: str) -> str:
    """The name that a blob's row knows: a thumbnail's is that of its photo."""
    return blob.removesuffix("t")


async def _rows(low: str, high: str) -> dict[str, int]:
    """The names of blobs that rows know, from one to another, inclusive, and when they were."""
    async with db.read_connection() as connection:
        rows = await connection.execute(_BETWEEN, {"low": low, "high": high})
        return {row.blob: row.created_at for row in rows}


_BETWEEN = select(col(Attachment.blob), col(Attachment.created_at)).where(
    col(Attachment.blob) >= bindparam("low"), col(Attachment.blob) <= bindparam("high")
)
