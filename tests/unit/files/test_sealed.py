"""Sealed files, in whatever pieces they come, whatever part is asked for, whatever is done."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tripchat.files import sealed
from tripchat.files.chunks import CHUNK_BYTES, SEALED_BYTES, TAG_BYTES, ChunkCipher, count, new_key
from tripchat.files.store import BlobMissing
from tripchat.sealing import SealBroken

KEY, OTHER_KEY = new_key(), new_key()

SIZES = st.one_of(
    st.integers(0, 300),
    st.sampled_from([CHUNK_BYTES * n + d for n in (1, 2, 5) for d in (-1, 0, 1)]),
    st.integers(0, 7 * CHUNK_BYTES),
)


class Memory:
    """A blob in memory: a writer, and the source of what was written."""

    def __init__(self) -> None:
        self.content = bytearray()
        self.largest = 0
        self.state = "unfinished"

    async def write(self, content: bytes) -> None:
        self.largest = max(self.largest, len(content))
        self.content += content

    async def commit(self) -> None:
        self.state = "there"

    async def abandon(self) -> None:
        self.state = "abandoned"

    async def read(self, name: str, offset: int, length: int) -> bytes:
        found = bytes(self.content[offset : offset + length])
        if len(found) != length:
            raise BlobMissing(name)
        return found


def plain(size: int) -> bytes:
    return (bytes(range(251)) * (size // 251 + 1))[:size]


async def written(content: bytes, *cuts: int, name: str = "blob", key: bytes = KEY) -> Memory:
    """A blob of this content, which came in pieces."""
    memory, ends = Memory(), sorted({min(cut, len(content)) for cut in cuts} | {0, len(content)})
    async with sealed.SealedWriter(memory, name, key) as writer:
        for start, end in pairwise(ends):
            await writer.write(content[start:end])
        await writer.finish()
    assert writer.size == len(content)
    return memory


async def read(
    memory: Memory, size: int, *part: int, name: str = "blob", key: bytes = KEY
) -> bytes:
    return b"".join([piece async for piece in sealed.read(memory, name, key, size, *part)])


@given(size=SIZES, cuts=st.lists(st.integers(0, 7 * CHUNK_BYTES), max_size=5), data=st.data())
async def test_any_part_is_what_was_written(size: int, cuts: list[int], data: st.DataObject):
    content = plain(size)
    memory = await written(content, *cuts)
    assert memory.state == "there"
    assert len(memory.content) == size + count(size) * TAG_BYTES
    assert await read(memory, size) == content
    start = data.draw(st.integers(0, size))
    end = data.draw(st.integers(start, size))
    assert await read(memory, size, start, end) == content[start:end]


@pytest.mark.parametrize("size", [0, 1, CHUNK_BYTES, CHUNK_BYTES + 1, 2 * CHUNK_BYTES])
async def test_nothing_is_read_at_the_end(size: int):
    assert await read(await written(plain(size)), size, size, size) == b""


async def test_the_same_bytes_come_out_sealed_otherwise_under_another_key_or_name():
    content = plain(1000)
    same = [await written(content), await written(content)]
    assert same[0].content == same[1].content
    for other in (await written(content, key=OTHER_KEY), await written(content, name="other")):
        assert content[:16] not in other.content
        assert other.content[:64] != same[0].content[:64]


@given(size=SIZES.filter(bool), data=st.data())
async def test_a_changed_byte_is_noticed(size: int, data: st.DataObject):
    memory = await written(plain(size))
    at = data.draw(st.integers(0, len(memory.content) - 1))
    memory.content[at] ^= data.draw(st.integers(1, 255))
    with pytest.raises(SealBroken):
        await read(memory, size)


@given(size=SIZES, short=st.integers(1, 3 * CHUNK_BYTES))
async def test_a_shorter_file_is_noticed_even_if_its_size_is_changed_to_fit(size: int, short: int):
    memory = await written(plain(size))
    short = min(short, size)
    del memory.content[len(memory.content) - max(1, short) :]
    with pytest.raises((SealBroken, BlobMissing)):
        await read(memory, size)
    for cut in {size - short, *range(0, size, CHUNK_BYTES)} - {size}:
        whole = await written(plain(size))
        del whole.content[cut + count(cut) * TAG_BYTES :]
        with pytest.raises(SealBroken):
            await read(whole, cut)


@pytest.mark.parametrize(("one", "other"), [(0, 1), (1, 3), (0, 4)])
async def test_chunks_do_not_change_places(one: int, other: int):
    size = 4 * CHUNK_BYTES + CHUNK_BYTES
    memory = await written(plain(size))
    chunks = [
        memory.content[at : at + SEALED_BYTES] for at in range(0, len(memory.content), SEALED_BYTES)
    ]
    chunks[one], chunks[other] = chunks[other], chunks[one]
    memory.content = bytearray(b"".join(chunks))
    with pytest.raises(SealBroken):
        await read(memory, size)


async def test_a_chunk_left_out_or_said_twice_is_noticed():
    size = 3 * CHUNK_BYTES
    for change in (lambda c: c[SEALED_BYTES:], lambda c: c[:SEALED_BYTES] + c):
        memory = await written(plain(size))
        memory.content = change(memory.content)
        for said in (size - CHUNK_BYTES, size, size + CHUNK_BYTES):
            with pytest.raises((SealBroken, BlobMissing)):
                await read(memory, said)


async def test_a_chunk_of_another_file_does_not_open():
    size = 2 * CHUNK_BYTES
    mine, other = await written(plain(size)), await written(plain(size), name="other")
    foreign = await written(plain(size), key=OTHER_KEY)
    for chunk in (other.content[:SEALED_BYTES], foreign.content[:SEALED_BYTES]):
        mine.content[:SEALED_BYTES] = chunk
        with pytest.raises(SealBroken):
            await read(mine, size)
    with pytest.raises(SealBroken):
        await read(other, size)


async def test_only_the_chunks_that_are_asked_for_are_read():
    size = 20 * CHUNK_BYTES
    memory = await written(plain(size))
    for at in (0, 5, 19):  # what is never asked for may be broken
        memory.content[at * SEALED_BYTES] ^= 1
    start = 7 * CHUNK_BYTES + 10
    assert await read(memory, size, start, start + 5) == plain(size)[start : start + 5]


async def test_memory_holds_a_few_chunks_however_large_the_file_is():
    content = plain(40 * CHUNK_BYTES)
    memory = await written(content, *range(0, len(content), 10_000))
    assert memory.largest <= (sealed.AT_ONCE + 1) * SEALED_BYTES
    pieces = [len(piece) async for piece in sealed.read(memory, "blob", KEY, len(content))]
    assert max(pieces) == CHUNK_BYTES


async def test_a_writer_that_does_not_finish_leaves_nothing():
    memory = Memory()
    async with sealed.SealedWriter(memory, "blob", KEY) as writer:
        await writer.write(plain(10 * CHUNK_BYTES))
    assert memory.state == "abandoned"


def test_the_last_chunk_is_no_other_one():
    cipher = ChunkCipher(KEY, "blob")
    with pytest.raises(SealBroken):
        cipher.open(0, cipher.seal(0, b"hello", last=False), last=True)
    with pytest.raises(SealBroken):
        cipher.open(1, cipher.seal(0, b"hello", last=True), last=True)
