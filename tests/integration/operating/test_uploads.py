"""Uploads to a real server: slow ones, broken ones, and a server that is killed meanwhile."""

import os
import secrets
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.kit import pictures
from tests.kit.people import Account
from tests.kit.raw_http import END_OF_UPLOAD, RawCall, begin_upload
from tests.kit.server import Server, running
from tripchat.files.disk import DiskStore

MEGABYTE = 1024 * 1024
FILM_BYTES = 20 * MEGABYTE
SECRET = b"The treasure is under the oak. "
TEXT = SECRET * (4 * MEGABYTE // len(SECRET))


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    async with running(tmp_path) as server:
        yield server


@pytest.fixture
async def ana(server: Server) -> AsyncIterator[Account]:
    account = await Account.sign_up(server.url, "Ana Lima")
    yield account
    await account.close()


def files_of(server: Server) -> list[Path]:
    return [path for path in (server.data / "files").rglob("*") if path.is_file()]


def rows_of(server: Server) -> int:
    with closing(sqlite3.connect(server.database)) as database:
        return database.execute("SELECT count(*) FROM attachment").fetchone()[0]


async def begun(ana: Account, server: Server, trip_id: str) -> RawCall:
    """An upload of which more than half has come and lies on the disk."""
    call = await begin_upload(ana, trip_id, len(TEXT))
    await call.sends(TEXT[: 3 * MEGABYTE])
    await server.until(lambda: sum(path.stat().st_size for path in files_of(server)) > 2 * MEGABYTE)
    return call


def unnamed(server: Server) -> list[bytes]:
    """What the server has in files that are in no folder."""
    return [
        path.read_bytes()
        for path in Path(f"/proc/{server.pid}/fd").iterdir()
        if path.is_symlink() and str(path.readlink()).endswith("(deleted)")
    ]


def lies_in(folder: Path, secret: bytes) -> bool:
    return any(secret in path.read_bytes() for path in folder.rglob("*") if path.is_file())


async def test_who_hangs_up_leaves_nothing(server: Server, ana: Account):
    trip_id = await ana.makes_trip()
    call = await begun(ana, server, trip_id)
    call.close()
    await server.until(lambda: files_of(server) == [])
    assert rows_of(server) == 0
    assert server.complaints() == []


async def test_a_server_killed_meanwhile_leaves_nothing_that_can_be_read(
    server: Server, ana: Account
):
    trip_id = await ana.makes_trip()
    call = await begun(ana, server, trip_id)
    await server.kill()
    call.close()
    assert not lies_in(server.data, SECRET)
    assert rows_of(server) == 0
    await server.start()
    file = await ana.uploads(trip_id, "a.txt", TEXT)
    answer = await ana.http.get(f"/api/attachments/{file['attachment_id']}")
    assert answer.content == TEXT
    await server.stop()
    store = DiskStore(server.data / "files")
    assert [blob async for blob in store.blobs()] != []
    unfinished = [path for path in files_of(server) if path.parent.name == "incoming"]
    assert len(unfinished) == 1
    assert await store.sweep(before=0) == 0
    os.utime(unfinished[0], (0, 0))
    assert await store.sweep(before=1000) == 1
    assert len(files_of(server)) == 1
    await server.start()


async def test_a_photo_on_its_way_lies_nowhere(server: Server, ana: Account):
    trip_id = await ana.makes_trip()
    content = pictures.taken_somewhere("JPEG") + SECRET * 100_000
    call = await begin_upload(ana, trip_id, len(content))
    await call.sends(content)
    await server.until(lambda: sum(len(each) for each in unnamed(server)) > 2 * MEGABYTE)
    assert files_of(server) == []
    assert not lies_in(server.data, SECRET)
    assert not any(SECRET in each for each in unnamed(server))
    await call.sends(END_OF_UPLOAD)
    status, _ = await call.head()
    assert status == 201
    assert not lies_in(server.data, SECRET)
    call.close()


async def test_slow_readers_cost_little(server: Server, ana: Account):
    trip_id = await ana.makes_trip()
    file = await ana.uploads(trip_id, "film.bin", secrets.token_bytes(FILM_BYTES))
    path = f"/api/attachments/{file['attachment_id']}"
    await (await ana.http.get(path)).aread()
    before = memory(server)
    calls = [await RawCall.begin(ana, "GET", path) for _ in range(20)]
    for call in calls:
        await call.head()
    assert (await ana.http.get("/api/me")).status_code == 200
    # Held whole, it would be there once for each of them.
    assert memory(server) - before < len(calls) * FILM_BYTES / 4
    for call in calls:
        call.close()


def memory(server: Server) -> int:
    pages = Path(f"/proc/{server.pid}/statm").read_text().split()[1]
    return int(pages) * os.sysconf("SC_PAGE_SIZE")
