"""Blobs in a folder: each is a file with its own name, in a folder with its first two digits.

A blob is written in `incoming`, and gets its place when it is whole and on the disk.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

from tripchat.files.store import Blob, BlobMissing, BlobWriter
from tripchat.files.threads import in_thread

INCOMING = "incoming"


class DiskStore:
    """A folder of blobs, for its owner alone."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def begin(self, name: str) -> BlobWriter:
        """Start to write a blob."""
        return await in_thread(lambda: _DiskWriter(self._incoming(), name, self._place(name)))

    async def read(self, name: str, offset: int, length: int) -> bytes:
        """That many bytes from there on; raises BlobMissing."""
        return await in_thread(lambda: self._read(name, offset, length))

    async def delete(self, name: str) -> None:
        """Remove a blob; one that is not there is no fault."""
        await in_thread(lambda: self._place(name).unlink(missing_ok=True))

    async def blobs(self) -> AsyncIterator[Blob]:
        """All that is there, in the order of their names."""
        for folder in await in_thread(self._folders):
            for blob in await in_thread(lambda folder=folder: sorted(_files(folder))):
                yield blob

    async def sweep(self, before: int) -> int:
        """Remove what writers that are gone have left since before this moment; gives how much."""
        return await in_thread(lambda: self._sweep(before))

    def _place(self, name: str) -> Path:
        return self._folder / name[:2] / name

    def _incoming(self) -> Path:
        folder = self._folder / INCOMING
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return folder

    def _folders(self) -> list[Path]:
        if not self._folder.exists():
            return []
        return sorted(
            each for each in self._folder.iterdir() if each.is_dir() and each.name != INCOMING
        )

    def _read(self, name: str, offset: int, length: int) -> bytes:
        try:
            with self._place(name).open("rb", buffering=0) as file:
                content = os.pread(file.fileno(), length, offset)
        except FileNotFoundError:
            raise BlobMissing(name) from None
        if len(content) != length:
            raise BlobMissing(name)
        return content

    def _sweep(self, before: int) -> int:
        left = [blob for blob in _files(self._incoming()) if blob.written_at < before]
        for blob in left:
            (self._incoming() / blob.name).unlink(missing_ok=True)
        return len(left)


class _DiskWriter:
    def __init__(self, incoming: Path, name: str, place: Path) -> None:
        self._unfinished = incoming / name
        self._place = place
        flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY
        self._file = os.fdopen(os.open(self._unfinished, flags, 0o600), "wb", buffering=0)

    async def write(self, content: bytes) -> None:
        await in_thread(lambda: self._write(content))

    async def commit(self) -> None:
        await in_thread(self._commit)

    async def abandon(self) -> None:
        await in_thread(self._abandon)

    def _write(self, content: bytes) -> None:
        left = memoryview(content)
        while left:
            left = left[self._file.write(left) :]

    def _commit(self) -> None:
        os.fsync(self._file.fileno())
        self._file.close()
        self._place.parent.mkdir(mode=0o700, exist_ok=True)
        self._unfinished.rename(self._place)
        for folder in (self._place.parent, self._place.parent.parent):
            _sync_folder(folder)

    def _abandon(self) -> None:
        self._file.close()
        for left in (self._unfinished, self._place):
            left.unlink(missing_ok=True)


def _files(folder: Path) -> Iterator[Blob]:
    with os.scandir(folder) as entries:
        for entry in entries:
            try:
                written_at = entry.stat().st_mtime_ns // 1_000_000
            except FileNotFoundError:  # deleted meanwhile
                continue
            yield Blob(entry.name, written_at)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
