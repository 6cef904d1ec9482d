"""Blobs in an object store that speaks S3, each under the path that it would have on disk.

Who may write there is said by the usual AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or whatever
else the machine has for it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import obstore
from obstore.exceptions import NotFoundError
from obstore.store import S3Store as ObjectStore

from tripchat.files.store import Blob, BlobMissing, BlobWriter
from tripchat.files.unnamed import UnnamedFile

PART_BYTES = 5 * 1024 * 1024
"""The least that S3 takes as one part of several, and what an upload to it costs of memory."""

UPLOADS_AT_ONCE = 2
PATIENCE = timedelta(seconds=60)
LISTED_AT_ONCE = 500


class S3Store:
    """A bucket, or the part of it below a prefix, for the blobs of one site alone.

    A blob waits in a file of this machine until it is whole: one that breaks off never leaves parts
    in the bucket, and a slow sender holds no connection to it.
    """

    def __init__(self, url: str, waiting: Path) -> None:
        """`url` is `s3://bucket/prefix?endpoint=https://...&region=...`, all but the bucket
        optional; in the folder `waiting` blobs wait, sealed."""
        parts = urlsplit(url)
        options = dict(parse_qsl(parts.query))
        is_plain = options.get("endpoint", "").startswith("http://")
        self._waiting = waiting
        self._uploads = asyncio.Semaphore(UPLOADS_AT_ONCE)
        self._store = ObjectStore(
            parts.netloc,
            prefix=parts.path.strip("/") or None,
            client_options={"timeout": PATIENCE, "allow_http": is_plain},
            **options,  # pyright: ignore[reportArgumentType]  # endpoint and region, both text
        )

    async def begin(self, name: str) -> BlobWriter:
        """Start to write a blob."""
        return _S3Writer(self, name, await UnnamedFile.create(self._waiting))

    async def read(self, name: str, offset: int, length: int) -> bytes:
        """That many bytes from there on; raises BlobMissing."""
        try:
            content = await obstore.get_range_async(
                self._store, _path(name), start=offset, length=length
            )
        except (FileNotFoundError, NotFoundError):
            raise BlobMissing(name) from None
        if len(content) != length:
            raise BlobMissing(name)
        return bytes(content)

    async def delete(self, name: str) -> None:
        """Remove a blob; one that is not there is no fault."""
        with suppress(FileNotFoundError, NotFoundError):
            await obstore.delete_async(self._store, _path(name))

    async def blobs(self) -> AsyncIterator[Blob]:
        """All that is there, in the order of their names."""
        async for several in obstore.list(self._store, chunk_size=LISTED_AT_ONCE):
            for each in several:
                name = each["path"].rpartition("/")[2]
                yield Blob(name, int(each["last_modified"].timestamp() * 1000))

    async def sweep(self, before: int) -> int:
        """Nothing: what waits here goes with its process."""
        return 0

    async def put(self, name: str, file: UnnamedFile) -> None:
        """Send a whole blob, large ones in parts."""
        async with self._uploads:
            file.file.seek(0)
            await obstore.put_async(
                self._store, _path(name), file.file, chunk_size=PART_BYTES, max_concurrency=1
            )


class _S3Writer:
    def __init__(self, store: S3Store, name: str, file: UnnamedFile) -> None:
        self._store = store
        self._name = name
        self._file = file

    async def write(self, content: bytes) -> None:
        await self._file.write(content)

    async def commit(self) -> None:
        await self._file.commit()
        await self._store.put(self._name, self._file)
        await self._file.abandon()

    async def abandon(self) -> None:
        await self._file.abandon()


def _path(name: str) -> str:
    return f"{name[:2]}/{name}"
