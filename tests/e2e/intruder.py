"""Somebody without a browser, who says to the server what no page would."""

import secrets
from typing import Self

from tests.kit.people import Account
from tests.kit.server import Server
from tests.kit.tab import ROOT_STATE, Tab

NOTICE_STATE = f"{ROOT_STATE}.tripchat___state___notice____notice_state"


class Intruder(Tab):
    """A connection that is hydrated and may send whatever it likes."""

    @classmethod
    async def comes(
        cls,
        server: Server,
        account: Account | None = None,
        *,
        trip_id: str | None = None,
        token: str = "",
        origin: str | None = None,
    ) -> Self:
        """Connect as somebody's tab, or nobody's, on a trip's page or the start page."""
        tab = cls(
            server.port,
            "/" if trip_id is None else f"/trip/{trip_id}",
            account.token if account else "",
            token,
            **({"Origin": origin} if origin else {}),
        )
        return await tab.open()

    async def hears(self, words: str) -> None:
        """Wait for these words; raises TimeoutError, or EOFError when the connection has ended."""
        await self.until(lambda: self.closed or any(words in frame for frame in self.heard))
        if not any(words in frame for frame in self.heard):
            raise EOFError(f"the connection ended before anybody said {words!r}")

    async def is_served(self) -> None:
        """All calls so far have been handled, and the tab can still be used."""
        words = secrets.token_hex(8)
        await self.call(f"{NOTICE_STATE}.show", text=words)
        await self.hears(words)

    def knows(self, words: str) -> bool:
        """Whether the server has ever said these words here."""
        return any(words.lower() in frame.lower() for frame in self.heard)
