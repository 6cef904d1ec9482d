"""How much of a send is sealing: measured within it, in the pipeline that sends go through."""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from pathlib import Path

from bench import messages as texts
from tripchat import db, keyring, migrations, sealing, storage
from tripchat.models import User
from tripchat.sealing import Sealer
from tripchat.services import messages, receipts, trips
from tripchat.settings import get_settings

SENDS = 3000
WARM_UP = 300


class TimedSealer(Sealer):
    """A sealer that counts what sealing takes."""

    seconds = 0.0

    def seal(self, trip_id: str, message_id: str, plaintext: bytes) -> bytes:
        began = time.perf_counter()
        try:
            return super().seal(trip_id, message_id, plaintext)
        finally:
            self.seconds += time.perf_counter() - began


async def sealing_cost() -> str:
    """Sends one message after the other, stored in SQLite; what of it was sealing, in a line."""
    with tempfile.TemporaryDirectory(prefix="tripchat-bench-") as folder:
        os.environ["TRIPCHAT_DATA"] = folder
        get_settings.cache_clear()
        settings = get_settings()
        await _migrated(folder)
        await storage.open_storage(settings)
        try:
            return await _measure(TimedSealer(*keyring.load(settings)))
        finally:
            await receipts.drain()
            await storage.close_storage()


async def _migrated(folder: str) -> None:

    # Migrations run where no event loop does.
    await asyncio.to_thread(migrations.upgrade, get_settings())
    assert (Path(folder) / "tripchat.db").exists()


async def _measure(sealer: TimedSealer) -> str:
    sealing.use(sealer)
    async with db.transaction() as session:
        email, nobodys = "bench@bench.example", "-"
        session.add(User(id="bench", name="Bench", email=email, password_hash=nobodys))
    trip_id = (await trips.create("bench", "Bench"))["trip_id"]
    for n in range(WARM_UP):
        await messages.send("bench", trip_id, f"warm-{n}", body={"text": texts.text(n)})
    sealer.seconds = 0.0
    wall, cpu = time.perf_counter(), time.process_time()
    for n in range(SENDS):
        await messages.send("bench", trip_id, f"bench-{n}", body={"text": texts.text(n)})
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    return (
        f"sealing: {1e6 * sealer.seconds / SENDS:.1f} us of a send's {1e6 * wall / SENDS:.0f} us "
        f"({100 * sealer.seconds / wall:.1f} %), or of its {1e6 * cpu / SENDS:.0f} us of CPU "
        f"({100 * sealer.seconds / cpu:.1f} %)"
    )
