"""Fills a trip with stored messages, sealed as TripChat seals them, past its running server.

python -m bench.seed --data /some/folder --trip=TRIP_ID --author=USER_ID --messages 100000
"""

import argparse
import asyncio
import os
from collections.abc import Sequence
from typing import Any

from sqlalchemy import insert, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from bench.messages import LENGTH

AT_ONCE = 5_000  # rows of one transaction
APART = 30_000  # milliseconds between two messages


def stored_text(seq: int, messages: int) -> str:
    """The text of stored message `seq`; the newest is recognised by it."""
    return f"Stored message {seq} of {messages}: ".ljust(LENGTH, "-")


async def fill(trip_id: str, authors: Sequence[str], messages: int) -> None:
    """Stores `messages` messages, 1 to `messages`, in an empty trip, its authors taking turns."""
    # Imported here: the settings are read from the environment, which `main` sets first.
    from tripchat import clock, db, keyring, sealing
    from tripchat.ids import new_id
    from tripchat.kinds import kind
    from tripchat.models import Trip
    from tripchat.services import opening
    from tripchat.settings import get_settings

    settings = get_settings()
    sealing.use(sealing.Sealer(*keyring.load(settings, create=False)))
    await db.open_database(settings.database)
    text = kind("text")
    began = clock.now() - messages * APART

    def row(seq: int) -> dict[str, object]:
        message_id = new_id()
        body = text.validate({"text": stored_text(seq, messages)})
        return {
            "id": message_id,
            "trip_id": trip_id,
            "seq": seq,
            "rev": seq,
            "author_id": authors[seq % len(authors)],
            "client_id": f"seed-{seq}",
            "kind": text.name,
            "body": opening.closed(trip_id, message_id, body),
            "reply_to_seq": None,
            "sent_at": began + seq * APART,
        }

    try:
        for first in range(1, messages + 1, AT_ONCE):
            last = min(first + AT_ONCE - 1, messages)
            rows = [row(seq) for seq in range(first, last + 1)]
            async with db.transaction() as session:
                await _insert(session, rows)
                trip = update(Trip).where(col(Trip.id) == trip_id)
                await session.execute(trip.values(last_seq=last, last_rev=last))
    finally:
        await db.close_database()


async def _insert(session: AsyncSession, rows: Sequence[dict[str, object]]) -> None:
    from tripchat.models import Message

    connection = await session.connection()
    if connection.dialect.name != "postgresql":
        await session.execute(insert(Message), rows)
        return
    # A million rows are stored in half a minute so, and in minutes the other way.
    driver: Any = (await connection.get_raw_connection()).driver_connection
    await driver.copy_records_to_table(
        "message", columns=list(rows[0]), records=[tuple(row.values()) for row in rows]
    )


def main() -> None:
    """Reads the arguments and fills the trip."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", required=True, help="the folder of the running TripChat")
    parser.add_argument("--trip", required=True)
    parser.add_argument("--author", required=True, action="append")
    parser.add_argument("--messages", type=int, required=True)
    options = parser.parse_args()
    os.environ["TRIPCHAT_DATA"] = options.data
    asyncio.run(fill(options.trip, options.author, options.messages))


if __name__ == "__main__":
    main()
