"""Sealed files in a store: written as they come, read in any part."""

from __future__ import annotations

from collections.abc import AsyncIterator
from types import TracebackType
from typing import Self

from tripchat.files.chunks import CHUNK_BYTES, SEALED_BYTES, TAG_BYTES, ChunkCipher, Sealing, count
from tripchat.files.store import BlobSource, BlobWriter

AT_ONCE = 4
"""Chunks that are written or read together: what an upload or a download costs of memory."""


class SealedWriter:
    """Writes one blob, sealed. Unless `finish` has been reached, nothing of it remains."""

    def __init__(self, writer: BlobWriter, blob: str, key: bytes) -> None:
        """`writer` takes the sealed bytes of the blob with this name."""
        self._writer = writer
        self._sealing = Sealing(ChunkCipher(key, blob))
        self._sealed = bytearray()
        self._finished = False

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if not self._finished:
            await self._writer.abandon()

    @property
    def size(self) -> int:
        """How many plain bytes have come so far."""
        return self._sealing.size

    async def write(self, piece: bytes) -> None:
        """Add to the file's end."""
        self._sealed += self._sealing.add(piece)
        if len(self._sealed) >= AT_ONCE * SEALED_BYTES:
            await self._flush()

    async def finish(self) -> None:
        """Have the blob be there, also after a crash."""
        self._sealed += self._sealing.end()
        await self._flush()
        await self._writer.commit()
        self._finished = True

    async def _flush(self) -> None:
        sealed, self._sealed = self._sealed, bytearray()
        await self._writer.write(bytes(sealed))


async def read(
    store: BlobSource, blob: str, key: bytes, size: int, start: int = 0, end: int | None = None
) -> AsyncIterator[bytes]:
    """The plain bytes from `start` up to `end`, exclusive, of a blob that has `size` of them.

    Only the chunks that hold them are read. Raises BlobMissing, and SealBroken before anything of a
    chunk that is not what was written there.
    """
    end = size if end is None else end
    cipher, last = ChunkCipher(key, blob), count(size) - 1
    # At the end of a file whose last chunk is full, none begins.
    number, final = (min(at // CHUNK_BYTES, last) for at in (start, max(start, end - 1)))
    while number <= final:
        several = min(AT_ONCE, final - number + 1)
        plain_end = min(size, (number + several) * CHUNK_BYTES)
        length = plain_end - number * CHUNK_BYTES + several * TAG_BYTES
        sealed = memoryview(await store.read(blob, number * SEALED_BYTES, length))
        for n in range(several):
            piece = bytes(sealed[n * SEALED_BYTES : (n + 1) * SEALED_BYTES])
            chunk = cipher.open(number, piece, last=number == last)
            at = number * CHUNK_BYTES
            yield chunk[max(0, start - at) : end - at]
            number += 1
