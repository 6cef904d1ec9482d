"""A file that is in no folder: nobody else finds it, and it is gone with the process."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import IO

from tripchat.files.store import BlobMissing
from tripchat.files.threads import in_thread


class UnnamedFile:
    """A file of the process alone: a `BlobWriter`, and the source of what was written."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file = file

    @classmethod
    async def create(cls, folder: Path) -> UnnamedFile:
        """A file on the disk that this folder is on."""

        def create() -> IO[bytes]:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            return tempfile.TemporaryFile(dir=folder)

        return cls(await in_thread(create))

    async def write(self, content: bytes) -> None:
        """Add to its end."""
        await in_thread(lambda: self.file.write(content))

    async def commit(self) -> None:
        """Have what was written be read; it survives nothing."""
        await in_thread(self.file.flush)

    async def abandon(self) -> None:
        """Leave nothing of it."""
        await in_thread(self.file.close)

    async def read(self, name: str, offset: int, length: int) -> bytes:
        """That many bytes from there on, under whatever name; raises BlobMissing."""
        content = await in_thread(lambda: os.pread(self.file.fileno(), length, offset))
        if len(content) != length:
            raise BlobMissing(name)
        return content
