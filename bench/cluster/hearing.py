"""What a worker pays for what happens in trips that nobody has open on it: all of the site's."""

from __future__ import annotations

import asyncio
import base64
import time
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from bench import messages
from bench.cluster.listeners import command
from bench.cluster.rows import Row
from bench.cluster.site import Cluster
from bench.figures import number
from tripchat.cluster.wire import Envelope, channel_of, packed
from tripchat.hub import MessageAdded, ReadMoved
from tripchat.ids import new_id
from tripchat.sealing import Sealer
from tripchat.views import MessageView

TOGETHER = (1, 16, 128)  # messages of one envelope
RATE = 1_000  # messages a second
TICK = 0.01  # seconds


@dataclass(frozen=True)
class Heard:
    """CPU seconds of a message that one worker hears of, with the author's read marker."""

    together: int
    size: int  # bytes of an envelope
    cpu: float


@dataclass
class Hearing:
    """One message at a time, and several that have waited for each other."""

    heard: list[Heard]

    def rows(self) -> Iterator[Row]:
        """A line for each."""
        for each in self.heard:
            yield Row(
                f"CPU of a worker for a message of a trip that nobody has open there, "
                f"{each.together} in one PUBLISH of {each.size:,} bytes",
                f"{number(1e6 * each.cpu)} us",
            )


async def hearing(cluster: Cluster, seconds: float) -> Hearing:
    """Tells the workers of messages, as another worker would."""
    return Hearing([await _heard(cluster, together, seconds) for together in TOGETHER])


async def _heard(cluster: Cluster, together: int, seconds: float) -> Heard:
    sealer = Sealer(base64.b64decode(cluster.secret_key))
    channel = channel_of(sealer.current)
    worker_id, trip_id, author_id = new_id(), new_id(), new_id()
    items: list[MessageAdded | ReadMoved] = []
    for seq in range(1, together + 1):
        items += [
            MessageAdded(trip_id, _message(seq, author_id)),
            ReadMoved(trip_id, author_id, seq),
        ]
    # All of them beforehand: what it costs to pack them is somebody else's.
    count = round(RATE * seconds / together)
    envelopes = [
        command("PUBLISH", channel, packed(Envelope(worker_id, index, items), sealer))
        for index in range(1, count + 1)
    ]
    address = urlsplit(cluster.redis_url)
    reader, writer = await asyncio.open_connection("127.0.0.1", address.port)
    writer.write(command("AUTH", address.password or ""))
    await reader.readline()
    before = cluster.cpu()
    await asyncio.sleep(seconds)
    idle = sum(cluster.cpu().since(before).workers)
    before, began = cluster.cpu(), time.perf_counter()
    for index, envelope in enumerate(envelopes):
        wait = began + index * together / RATE - time.perf_counter()
        if wait > TICK:
            await asyncio.sleep(wait)
        writer.write(envelope)
        await reader.readline()
    await asyncio.sleep(max(0.0, began + seconds - time.perf_counter()))
    used = sum(cluster.cpu().since(before).workers) - idle
    writer.close()
    heard = count * together * len(cluster.workers)
    return Heard(together, len(envelopes[0]), used / heard)


def _message(seq: int, author_id: str) -> MessageView:
    return {
        "id": new_id(),
        "client_id": new_id(),
        "seq": seq,
        "rev": seq,
        "author_id": author_id,
        "kind": "text",
        "body": {"text": messages.text(seq)},
        "sent_at": 1_700_000_000_000 + seq,
        "broadcast_at": 1_700_000_000_000 + seq,
    }
