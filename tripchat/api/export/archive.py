"""A ZIP that is made as fast as it is taken, and is never whole anywhere."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from zipfile import ZIP_DEFLATED, ZIP_STORED

from zipstream import ZipStream

THREADS = 2
"""So many exports are packed at once; others wait for their turn with each piece."""

_threads = ThreadPoolExecutor(THREADS, thread_name_prefix="export")


@dataclass(frozen=True)
class Entry:
    """A file in the archive."""

    path: str
    pieces: AsyncIterator[bytes]
    is_packed: bool = False
    """Whether it is small already, as photos are: trying to make it smaller is work for nothing."""


async def pieces(entries: list[Entry]) -> AsyncIterator[bytes]:
    """The bytes of the archive; raises whatever an entry's pieces raise."""
    loop = asyncio.get_running_loop()
    archive = ZipStream()
    for entry in entries:
        compression = ZIP_STORED if entry.is_packed else ZIP_DEFLATED
        archive.add(_drawn(entry.pieces, loop), entry.path, compress_type=compression)
    packed = iter(archive)
    while (piece := await loop.run_in_executor(_threads, next, packed, None)) is not None:
        yield piece


def _drawn(source: AsyncIterator[bytes], loop: asyncio.AbstractEventLoop) -> Iterator[bytes]:
    """What comes in the event loop, in the thread that packs it."""

    async def draw() -> bytes | None:
        return await anext(source, None)

    while (piece := asyncio.run_coroutine_threadsafe(draw(), loop).result()) is not None:
        yield piece
