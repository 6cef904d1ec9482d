"""A server that is sent anything, and those who send it: nobody, and a member of a trip."""

from __future__ import annotations

import asyncio
import secrets
from collections import Counter
from collections.abc import Coroutine
from typing import Any, TypeVar

import httpx

from tests.kit.people import Account
from tests.kit.server import COMPLAINT, ROOT, Server

COUNTS = ROOT / "test-results" / "fuzz.md"

Result = TypeVar("Result")


class Fuzzed:
    """The server under fire. It works in a loop of its own, which goes on between inputs."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.pid = server.pid
        self.counts: Counter[str] = Counter()
        self.ids: dict[str, str] = {}
        """What the ids in inputs stand for; see `inputs.filled`."""
        self.nobody = httpx.AsyncClient(base_url=server.url, timeout=30, trust_env=False)
        self._member: Account | None = None
        self._runner = asyncio.Runner()
        self._read = 0

    def run(self, work: Coroutine[Any, Any, Result]) -> Result:
        """Do something in the loop."""
        return self._runner.run(work)

    def close(self) -> None:
        """End the loop."""
        self._runner.close()

    @property
    def member(self) -> Account:
        """Somebody in the trip `$trip`."""
        assert self._member is not None
        return self._member

    async def is_ready(self) -> None:
        """There is a member, in a trip with a few messages, and another trip that is not theirs."""
        if self._member is not None and await self._is_in_place():
            return
        member = self._member = await Account.sign_up(self.server.url, "Ana")
        stranger = await Account.sign_up(self.server.url, "Eve")
        trip, other = await member.makes_trip("Lisbon"), await stranger.makes_trip("Secret")
        await member.writes_all(trip, ["one", "two", "three"])
        await stranger.writes(other, "not for Ana")
        self.ids = {
            "$trip": trip,
            "$other": other,
            "$code": await member.invites_to(trip),
            "$me": member.user_id,
            "$them": stranger.user_id,
            "$email": member.email,
        }
        await stranger.close()

    async def _is_in_place(self) -> bool:
        path = f"/api/trips/{self.ids['$trip']}/messages"
        return (await self.member.http.get(path)).status_code == 200

    async def still_serves(self) -> None:
        """The same process answers, and somebody new can write and read."""
        assert self.server.pid == self.pid
        assert (await self.nobody.get("/api/health")).status_code == 200
        await self.is_ready()
        text = secrets.token_hex(8)
        await self.member.writes(self.ids["$trip"], text)
        page = await self.member.reads(self.ids["$trip"], before=2**40)
        assert page[-1]["text"] == text

    def complains(self) -> list[str]:
        """What nobody should ever find in the log, since this was last asked."""
        with self.server.log.open("rb") as log:
            log.seek(self._read)
            new = log.read()
        self._read += len(new)
        return [
            line for line in new.decode(errors="replace").splitlines() if COMPLAINT.search(line)
        ]

    def tell(self, title: str) -> str:
        """Keep the counts; gives them in a line."""
        total = sum(count for name, count in self.counts.items() if not name.startswith(" "))
        parts = ", ".join(
            f"{name.strip()} {count:,}" for name, count in sorted(self.counts.items())
        )
        line = f"{title}: {total:,} inputs ({parts})"
        COUNTS.parent.mkdir(exist_ok=True)
        with COUNTS.open("a") as file:
            file.write(f"- {line}\n")
        return line
