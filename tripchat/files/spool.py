"""A place where a photo waits until it is whole: sealed, without a name, gone with the process.

The key is in this object alone: what is on the disk opens for nobody.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tripchat.files import sealed
from tripchat.files.chunks import new_key
from tripchat.files.unnamed import UnnamedFile

_BLOB = "spool"


class Spool:
    """Takes a file piece by piece, and gives it back once it is whole."""

    def __init__(self, file: UnnamedFile) -> None:
        self._file = file
        self._key = new_key()
        self._writer = sealed.SealedWriter(file, _BLOB, self._key)

    async def write(self, piece: bytes) -> None:
        """Add to the file's end."""
        await self._writer.write(piece)

    async def finish(self) -> None:
        """The file is whole."""
        await self._writer.finish()

    def read(self) -> AsyncIterator[bytes]:
        """The whole file, from its begin."""
        return sealed.read(self._file, _BLOB, self._key, self._writer.size)


@asynccontextmanager
async def spool(folder: Path) -> AsyncIterator[Spool]:
    """A spool for a while, on the disk that this folder is on."""
    file = await UnnamedFile.create(folder)
    try:
        yield Spool(file)
    finally:
        await file.abandon()
