"""What was deleted leaves no trace in SQLite's files, not even sealed."""

import secrets
import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlmodel import col

from tests.integration.conftest import NewTrip, Say
from tripchat import db
from tripchat.models import Message, Version
from tripchat.services import editing
from tripchat.settings import Settings

pytestmark = pytest.mark.only("sqlite")


async def sealed_in(trip_id: str) -> list[bytes]:
    """Pieces of every sealed body that is stored in a trip."""
    async with db.reading() as session:
        bodies = [
            body
            for model in (Message, Version)
            for body in await session.scalars(
                select(col(model.body)).where(col(model.trip_id) == trip_id)
            )
        ]
    # A long body does not lie in one piece: it is spread over pages.
    return [body[at : at + 32] for body in bodies for at in range(1, len(body) - 31, 32)]


def lying_in(folder: Path, pieces: list[bytes]) -> int:
    """How many of these pieces the database's files hold."""
    files = [file.read_bytes() for file in folder.glob("tripchat.db*")]
    return sum(any(piece in file for file in files) for piece in pieces)


@pytest.mark.parametrize("length", [60, 700, 4000])
async def test_message_and_versions_are_gone_from_the_files(
    opened: Settings, ann: str, trip_of: NewTrip, say: Say, length: int
):
    trip, other = await trip_of(ann), await trip_of(ann)
    for n in range(20):
        await say(ann, other, f"c{n}", secrets.token_hex(50 + n))
    await say(ann, trip, "c1", secrets.token_hex(length // 2))
    await editing.edit(ann, trip, 1, {"text": secrets.token_hex(length // 2)})
    pieces = await sealed_in(trip)
    assert lying_in(opened.data, pieces) > 0.9 * len(pieces)
    await say(ann, other, "last")
    await editing.remove(ann, trip, 1)
    assert lying_in(opened.data, pieces) == 0
    others = await sealed_in(other)
    assert lying_in(opened.data, others) == len(others)


async def test_somebody_who_reads_for_long_stops_no_deletion(
    opened: Settings, ann: str, trip_of: NewTrip, say: Say
):
    trip = await trip_of(ann)
    for n in range(2):
        await say(ann, trip, f"c{n}", secrets.token_hex(30))
    pieces = await sealed_in(trip)
    reader = sqlite3.connect(opened.data / "tripchat.db", isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM message").fetchone()
    assert (await editing.remove(ann, trip, 1)).get("deleted")
    assert lying_in(opened.data, pieces) > 0
    reader.close()
    await editing.remove(ann, trip, 2)
    assert lying_in(opened.data, pieces) == 0
