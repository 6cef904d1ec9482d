"""Having photos made anew by processes of their own, one at a time for each worker."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from tripchat.errors import Invalid

SOURCES = frozenset({"image/jpeg", "image/png", "image/webp", "image/gif", "image/heic"})
"""The types of what can be made anew."""

SHOWN = frozenset({"image/jpeg", "image/png", "image/webp", "image/gif"})
"""The types that a page may show."""

LIMITS = {
    "pixels": 50_000_000,
    "side": 4096,
    "thumb_side": 640,
    "memory": 1024**3,
    "seconds": 30,
    "nice": 10,
}
"""Of each process: the pixels of what it reads, the sides of what it makes, address space, time."""

WAIT_SECONDS = 60.0
"""How long a process may take on a busy machine before it is killed."""

AT_ONCE = 1

PIECE_BYTES = 64 * 1024
MOST_THUMB_BYTES = 4 * 1024 * 1024

_PROCESS = Path(__file__).with_name("process.py")
_ENVIRONMENT = {"MALLOC_ARENA_MAX": "2", "OMP_NUM_THREADS": "1", "LANG": "C.UTF-8"}

_turn = asyncio.Semaphore(AT_ONCE)


@dataclass(frozen=True)
class Remade:
    """A photo as it was made anew; `pieces` can be read once, while its process is there."""

    type: str
    width: int
    height: int
    thumb: bytes
    """A WebP."""
    pieces: AsyncIterator[bytes]


@asynccontextmanager
async def remade(media_type: str, source: AsyncIterator[bytes]) -> AsyncIterator[Remade]:
    """A photo made anew from its bytes; raises Invalid for field `file`, saying why it cannot be.

    The process is killed when the block ends before it does.
    """
    async with _turn:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-I", str(_PROCESS), media_type, json.dumps(LIMITS)),
            stdin=PIPE,
            stdout=PIPE,
            stderr=DEVNULL,
            env=_ENVIRONMENT,
            cwd="/",
        )
        try:
            async with asyncio.timeout(WAIT_SECONDS):
                await _feed(process, source)
                yield await _answer(process)
        except TimeoutError:
            raise _beyond() from None
        except asyncio.IncompleteReadError:
            raise _beyond() from None
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()


async def _feed(process: Process, source: AsyncIterator[bytes]) -> None:
    assert process.stdin is not None
    # One that has ended already says why, or nothing: that is seen when it is read.
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        async for piece in source:
            process.stdin.write(piece)
            await process.stdin.drain()
        process.stdin.close()


async def _answer(process: Process) -> Remade:
    assert process.stdout is not None
    line = await process.stdout.readline()
    if not line.endswith(b"\n"):
        raise _beyond()
    head = json.loads(line)
    if "problem" in head:
        raise Invalid(head["problem"], field="file")
    if head["thumb"] > MOST_THUMB_BYTES or head["type"] not in SHOWN:
        raise _beyond()
    thumb = await process.stdout.readexactly(head["thumb"])
    pieces = _pieces(process.stdout, head["photo"])
    return Remade(head["type"], head["width"], head["height"], thumb, pieces)


async def _pieces(reader: asyncio.StreamReader, length: int) -> AsyncIterator[bytes]:
    while length:
        piece = await reader.read(min(length, PIECE_BYTES))
        if not piece:
            raise asyncio.IncompleteReadError(b"", length)
        length -= len(piece)
        yield piece


def _beyond() -> Invalid:
    """The refusal of a picture that its process has not survived."""
    return Invalid("This picture takes too much to be read.", field="file")
