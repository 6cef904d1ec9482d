"""Everything is the same after a restore; what is no backup is refused with one line."""

import asyncio
import itertools
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.integration.conftest import NewPerson, NewTrip, Say, dump
from tests.integration.files.conftest import in_pieces
from tests.kit.backing import a_database
from tripchat import backup, storage
from tripchat.errors import CannotBackUp
from tripchat.services import attachments, editing, group_commit, messages, reactions, receipts
from tripchat.settings import Settings

OTHER_KEY = "aGVsbG8gaGVsbG8gaGVsbG8gaGVsbG8gaGVsbG8gMTI="


@pytest.fixture
def elsewhere(
    request: pytest.FixtureRequest, settings: Settings, tmp_path: Path
) -> Iterator[Settings]:
    """Another site, empty, with the same key."""
    data = tmp_path / "elsewhere"
    data.mkdir()
    if settings.database.startswith("sqlite"):
        yield Settings(data=data, database_url=None)
        return
    with a_database(request.getfixturevalue("postgres")) as url:
        yield Settings(data=data, database_url=url)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "trips.backup"


@pytest.fixture
async def lively(
    opened: Settings, elsewhere: Settings, ann: str, ben: str, trip_of: NewTrip, say: Say
) -> Settings:
    """A site with something in each table, and its key in the other one."""
    trip = await trip_of(ann, ben)
    for number in range(20):
        await say((ann, ben)[number % 2], trip, f"c{number}", f"hello @Ben, {number} 🎉")
    await editing.edit(ann, trip, 1, {"text": "edited"})
    await editing.remove(ann, trip, 2)
    await reactions.react(ben, trip, 3, "👍")
    file = await attachments.upload(ann, trip, "list.txt", in_pieces(b"pack socks"))
    body = {"text": "", "attachments": [file["attachment_id"]]}
    await messages.send(ann, trip, "with-a-file", body=body)
    await receipts.drain()
    elsewhere.key_file.write_bytes(opened.key_file.read_bytes())
    return opened


async def back_up(settings: Settings, file: Path) -> None:
    await asyncio.to_thread(backup.back_up, settings, file)


async def restore(settings: Settings, file: Path, **how: bool) -> None:
    await asyncio.to_thread(backup.restore, settings, file, **how)


async def stored_in(settings: Settings) -> dict[str, list[Any]]:
    await storage.open_storage(settings)
    return await dump()


async def test_everything_is_the_same_after_a_restore(
    lively: Settings, elsewhere: Settings, file: Path
):
    before = await dump()
    empty = {table for table in before if not before[table]}
    assert empty <= {"session", "password_reset", "erasure"}
    await back_up(lively, file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    await storage.close_storage()
    await restore(elsewhere, file)
    assert await stored_in(elsewhere) == before


async def test_a_backup_taken_while_people_write_is_of_one_moment(
    lively: Settings, elsewhere: Settings, ann: str, trip_of: NewTrip, say: Say, file: Path
):
    trips = [await trip_of(ann) for _ in range(3)]
    stop = asyncio.Event()

    async def write(trip: str) -> int:
        for number in itertools.count():
            if stop.is_set():
                return number
            await say(ann, trip, f"c{number}")
        raise AssertionError

    writing = [asyncio.create_task(write(trip)) for trip in trips]
    await back_up(lively, file)
    stop.set()
    counts = await asyncio.gather(*writing)
    await storage.close_storage()
    await restore(elsewhere, file)
    await storage.open_storage(elsewhere)
    for trip, count in zip(trips, counts, strict=True):
        page = await messages.page(ann, trip, limit=200, after=0)
        found = [message["seq"] for message in page["messages"]]
        assert page["last_seq"] <= count
        assert found == list(range(1, len(found) + 1))
        if page["complete"]:
            assert len(found) == page["last_seq"]
    assert (await messages.send(ann, trips[0], "after", body={"text": "on"})).message
    await group_commit.drain()


async def test_people_are_replaced_only_when_that_is_asked_for(
    lively: Settings, file: Path, person: NewPerson
):
    before = await dump()
    await back_up(lively, file)
    await person("Cem")
    changed = await dump()
    await storage.close_storage()
    with pytest.raises(CannotBackUp, match="--replace"):
        await restore(lively, file)
    assert await stored_in(lively) == changed
    with pytest.raises(CannotBackUp, match="running"):
        await restore(lively, file, replace=True)
    await storage.close_storage()
    await restore(lively, file, replace=True)
    assert await stored_in(lively) == before


@pytest.mark.parametrize("damage", ["nothing", "foreign", "half", "tail", "middle"])
async def test_a_file_that_is_no_whole_backup_changes_nothing(
    lively: Settings, elsewhere: Settings, file: Path, damage: str
):
    await back_up(lively, file)
    await storage.close_storage()
    whole = file.read_bytes()
    middle = len(whole) // 2
    damaged = {
        "nothing": b"",
        "foreign": b"these are my holiday pictures" * 100,
        "half": whole[:middle],
        "tail": whole[: -len(whole) // 10],
        "middle": whole[:middle] + b"\xff" * 3000 + whole[middle + 3000 :],
    }
    file.write_bytes(damaged[damage])
    with pytest.raises(CannotBackUp) as raised:
        await restore(elsewhere, file)
    assert "\n" not in str(raised.value)
    file.write_bytes(whole)
    await restore(elsewhere, file)


async def test_a_backup_of_another_database_is_refused(lively: Settings, file: Path):
    sqlite = lively.database.startswith("sqlite")
    file.write_bytes(b"PGDMP..." if sqlite else b"SQLite format 3\0...")
    with pytest.raises(CannotBackUp, match="is a backup of"):
        await restore(lively, file)


async def test_a_backup_needs_its_own_key(lively: Settings, elsewhere: Settings, file: Path):
    await back_up(lively, file)
    await storage.close_storage()
    elsewhere.key_file.write_text(OTHER_KEY)
    with pytest.raises(CannotBackUp, match="does not open this database"):
        await restore(elsewhere, file)
    elsewhere.key_file.unlink()
    with pytest.raises(CannotBackUp, match="key of this database is missing"):
        await restore(elsewhere, file)
    assert not elsewhere.key_file.exists()


async def test_a_backup_overwrites_nothing(lively: Settings, file: Path):
    file.write_text("precious")
    with pytest.raises(CannotBackUp, match="there already"):
        await back_up(lively, file)
    assert file.read_text() == "precious"
    with pytest.raises(CannotBackUp, match="cannot be written"):
        await back_up(lively, file / "in" / "a file")


async def test_the_commands(lively: Settings, file: Path):
    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "tripchat", *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    before = await dump()
    assert (await asyncio.to_thread(run, "backup", str(file))).returncode == 0
    again = await asyncio.to_thread(run, "backup", str(file))
    assert (again.returncode, again.stderr) == (1, f"TripChat: {file} is there already\n")
    await storage.close_storage()
    assert (await asyncio.to_thread(run, "restore", "--replace", str(file))).returncode == 0
    assert await stored_in(lively) == before
