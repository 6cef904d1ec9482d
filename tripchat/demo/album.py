"""What is sent last in the demonstration: some photos, and a file."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from tripchat.demo import people
from tripchat.demo.scenery import VIEWS, painted
from tripchat.demo.trips import TRIPS
from tripchat.ids import new_id
from tripchat.services import attachments, messages

WALK = "walk-to-the-wall.gpx"
POINTS = ((37.8861, -25.8190), (37.8874, -25.8203), (37.8889, -25.8216), (37.8895, -25.8220))


async def send_album() -> None:
    """The host shows the others of the first trip what they have seen, and where to go next."""
    photos = [(view.name, await asyncio.to_thread(painted, view)) for view in VIEWS]
    await _send("The album so far, before the light goes", photos)
    await _send("And the way to the good wall", [(WALK, _walk())])


async def _send(text: str, files: list[tuple[str, bytes]]) -> None:
    host, trip_id = people.user_id(people.HOST), TRIPS[0].trip_id
    sent = [
        await attachments.upload(host, trip_id, name, _whole(content)) for name, content in files
    ]
    body = {"text": text, "attachments": [each["attachment_id"] for each in sent]}
    await messages.send(host, trip_id, new_id(), body=body)


async def _whole(content: bytes) -> AsyncIterator[bytes]:
    yield content


def _walk() -> bytes:
    points = "".join(f'<trkpt lat="{lat}" lon="{lon}"/>' for lat, lon in POINTS)
    track = f"<trk><name>To the wall</name><trkseg>{points}</trkseg></trk>"
    return f'<gpx version="1.1" creator="TripChat">{track}</gpx>'.encode()
