"""What every place for blobs has to offer."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from typing import NamedTuple, Protocol


class BlobMissing(Exception):
    """There is no such blob, or less of it than was asked for."""


class Blob(NamedTuple):
    """A blob that is there."""

    name: str
    written_at: int
    """UTC milliseconds since the epoch."""


class BlobWriter(Protocol):
    """A blob on its way. It is there once it is committed, and not at all before that."""

    async def write(self, content: bytes) -> None:
        """Add to its end."""
        ...

    async def commit(self) -> None:
        """Have it be there, also after a crash."""
        ...

    async def abandon(self) -> None:
        """Leave nothing of it."""
        ...


class BlobSource(Protocol):
    """Where blobs can be read."""

    async def read(self, name: str, offset: int, length: int) -> bytes:
        """That many bytes from there on; raises BlobMissing."""
        ...


class BlobStore(BlobSource, Protocol):
    """A place for blobs. Each name is written once."""

    async def begin(self, name: str) -> BlobWriter:
        """Start to write a blob."""
        ...

    async def delete(self, name: str) -> None:
        """Remove a blob; one that is not there is no fault."""
        ...

    def blobs(self) -> AsyncIterator[Blob]:
        """All that is there, in the order of their names."""
        ...

    async def sweep(self, before: int) -> int:
        """Remove what writers that are gone have left since before this moment; gives how much."""
        ...


def new_name() -> str:
    """A name for a blob: 32 hexadecimal digits that tell nothing."""
    return secrets.token_hex(16)
