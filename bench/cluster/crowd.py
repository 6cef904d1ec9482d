"""People in trips, put into the database past the workers: hashing their passwords takes minutes.

TRIPCHAT_DATABASE_URL=... python -m bench.cluster.crowd --trips 10 --size 20
"""

import argparse
import asyncio
import json

from tripchat import db
from tripchat.models import Member, Trip, User
from tripchat.services import sessions
from tripchat.settings import get_settings

NONE = "-"  # the hash of no password


async def fill(trips: int, size: int) -> list[dict[str, object]]:
    """Makes the trips, each of `size` people who are signed in and in no other trip."""
    await db.open_database(get_settings().database)
    try:
        return [await _company(size) for _ in range(trips)]
    finally:
        await db.close_database()


async def _company(size: int) -> dict[str, object]:
    people = [User(name=f"Person {each}", email="", password_hash=NONE) for each in range(size)]
    for person in people:
        person.email = f"{person.id}@bench.example".lower()
    trip = Trip(title="Company", created_by=people[0].id)
    async with db.transaction() as session:
        session.add_all(people)
        await session.flush()
        session.add(trip)
        await session.flush()
        session.add_all(Member(trip_id=trip.id, user_id=person.id) for person in people)
    return {
        "trip_id": trip.id,
        "people": [
            {"user_id": each.id, "email": each.email, "token": await sessions.start(each.id)}
            for each in people
        ],
    }


def main() -> None:
    """Reads the arguments, fills the database and prints who is there."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--trips", type=int, required=True)
    parser.add_argument("--size", type=int, required=True)
    options = parser.parse_args()
    print(json.dumps(asyncio.run(fill(options.trips, options.size))))


if __name__ == "__main__":
    main()
