"""What each place for blobs promises."""

import secrets

import pytest

from tripchat import clock
from tripchat.files.store import BlobMissing, BlobStore, new_name

MEGABYTE = 1024 * 1024


async def put(store: BlobStore, name: str, *pieces: bytes) -> None:
    writer = await store.begin(name)
    for piece in pieces:
        await writer.write(piece)
    await writer.commit()


async def names(store: BlobStore) -> list[str]:
    return [blob.name async for blob in store.blobs()]


@pytest.mark.parametrize("count", [0, 1, 3, 12])
async def test_a_blob_is_all_that_was_written(store: BlobStore, count: int):
    pieces = [secrets.token_bytes(MEGABYTE) for _ in range(count)]
    content, name = b"".join(pieces), new_name()
    await put(store, name, *pieces)
    if content:
        assert await store.read(name, 0, len(content)) == content
        assert await store.read(name, 1000, 5) == content[1000:1005]
        assert await store.read(name, len(content) - 3, 3) == content[-3:]
    assert await names(store) == [name]


async def test_a_blob_is_not_there_before_it_is_whole(store: BlobStore):
    name = new_name()
    writer = await store.begin(name)
    await writer.write(b"x" * 6 * MEGABYTE)
    assert await names(store) == []
    with pytest.raises(BlobMissing):
        await store.read(name, 0, 1)
    await writer.abandon()
    assert await names(store) == []


async def test_more_than_there_is_cannot_be_read(store: BlobStore):
    name = new_name()
    await put(store, name, b"hello")
    with pytest.raises(BlobMissing):
        await store.read(name, 0, 6)
    with pytest.raises(BlobMissing):
        await store.read(new_name(), 0, 1)


async def test_what_was_deleted_is_gone_and_may_be_deleted_again(store: BlobStore):
    name, other = new_name(), new_name()
    await put(store, name, b"hello")
    await put(store, other, b"hello")
    for _ in range(2):
        await store.delete(name)
    assert await names(store) == [other]
    with pytest.raises(BlobMissing):
        await store.read(name, 0, 1)


async def test_blobs_are_listed_by_name_with_their_moment(store: BlobStore):
    assert await names(store) == []
    written = [new_name() for _ in range(30)]
    before = clock.now()
    for name in written:
        await put(store, name, b"x")
        await put(store, name + "t", b"x")
    assert await names(store) == sorted([*written, *(name + "t" for name in written)])
    moments = [blob.written_at async for blob in store.blobs()]
    assert all(before - 2000 <= moment <= clock.now() + 2000 for moment in moments)
