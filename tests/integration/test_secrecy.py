"""What people write stays out of the files and the logs."""

import base64
import logging
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import OperationalError

from tests.integration.conftest import NewTrip, Say
from tripchat import db, hub, storage
from tripchat.errors import Invalid
from tripchat.services import messages, trips
from tripchat.settings import Settings

SECRET = "Treffen um 9 am Café-Bahnsteig"


def forms(secret: str) -> set[bytes]:
    """How a text may lie in a file: encoded one way or another, at any offset."""
    plain = [secret.encode(coding) for coding in ("utf-8", "utf-16-le", "utf-16-be", "utf-32-le")]
    escaped = [ascii(secret)[1:-1].encode(), secret.encode().hex().encode()]
    shifted = [
        # The characters at both ends depend on what stands beside the text.
        base64.b64encode(b"\0" * shift + form)[4:-4]
        for form in plain
        for shift in range(3)
    ]
    return {*plain, *escaped, *shifted}


def traces(folder: Path) -> list[tuple[str, bytes]]:
    return [
        (file.name, form)
        for file in folder.iterdir()
        for form in forms(SECRET)
        if form in file.read_bytes()
    ]


def test_the_search_finds_what_it_looks_for(tmp_path: Path):
    for number, form in enumerate(
        (SECRET.encode(), SECRET.encode("utf-16-le"), base64.b64encode(b"x " + SECRET.encode()))
    ):
        (tmp_path / str(number)).write_bytes(b"before" + form + b"after")
    assert {name for name, _ in traces(tmp_path)} == {"0", "1", "2"}


@pytest.mark.only("sqlite")
async def test_no_message_in_the_database_or_its_log(
    opened: Settings, ann: str, trip_of: NewTrip, say: Say
):
    trip = await trip_of(ann, title="A title may be found")
    for n in range(50):
        await say(ann, trip, f"c{n}", f"{SECRET} {n}")
    await trips.mine(ann)
    files = {file.name for file in opened.data.iterdir()}
    assert files >= {"tripchat.db", "tripchat.db-wal", "tripchat.db-shm", "secret.key"}
    assert b"A title may be found" in (opened.data / "tripchat.db-wal").read_bytes()
    assert traces(opened.data) == []
    await db.write(lambda connection: connection.execute(text("SELECT 1")))
    await storage.close_storage()
    assert b"A title may be found" in (opened.data / "tripchat.db").read_bytes()
    assert traces(opened.data) == []


async def test_no_message_in_the_logs(
    opened: Settings,
    ann: str,
    ben: str,
    trip_of: NewTrip,
    say: Say,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
):
    def fail(change: object) -> None:
        raise RuntimeError(f"{SECRET} {change}")

    caplog.set_level(logging.DEBUG)
    for name in ("aiosqlite", "sqlalchemy.engine", "sqlalchemy.pool", "asyncio"):
        caplog.set_level(logging.DEBUG, logger=name)
    trip = await trip_of(ann)
    stop = hub.subscribe(fail)
    await say(ann, trip, "c1", SECRET)
    await messages.page(ann, trip)
    with pytest.raises(Invalid):
        await say(ann, trip, "c2", SECRET + "\x07")
    stop()

    execute = Connection.execute

    def full(self: Connection, statement: Any, *rest: Any, **named: Any) -> Any:
        if str(statement).startswith("INSERT INTO message"):
            raise OperationalError("INSERT", {"body": SECRET}, Exception("disk full"))
        return execute(self, statement, *rest, **named)

    monkeypatch.setattr(Connection, "execute", full)
    with pytest.raises(OperationalError):
        await say(ann, trip, "c3", SECRET)
    logged = caplog.text.encode()
    assert b"INSERT INTO message" in logged
    assert b"could not be stored: disk full" in logged
    assert [form for form in forms(SECRET) if form in logged] == []
