"""How much one person and one address may do in a while; who does more is told when to go on.

Each worker counts for itself, at once. Several workers also count together, in Redis: what is rare
is counted there before it is done. What is done often waits for nobody: of those who do a lot it is
told there ten times a second, and whoever turns out to have done too much with several workers is
stopped. So together they may let pass, of each limit, a tenth more for each worker, and what comes
within a tenth of a second.
"""

from __future__ import annotations

import asyncio
import ipaddress
import math
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from functools import lru_cache
from typing import NamedTuple, Protocol

from limits import RateLimitItem

from tripchat import limits
from tripchat.errors import TooMany
from tripchat.services.counting import Windows
from tripchat.settings import Settings

TELL_SECONDS = 0.1
"""How often it is told to all workers what was done."""

NETWORK_BITS = 64
"""Who has one IPv6 address usually has all that begin like it."""


class Shared(Protocol):
    """What all workers count together."""

    async def hit(self, key: str, rate: RateLimitItem, cost: int = 1) -> float:
        """Count something if its rate allows it; gives 0, or the seconds until it does."""
        ...

    async def forget(self, key: str, rate: RateLimitItem) -> None:
        """Begin anew under a key."""
        ...


class _Count(NamedTuple):
    """One thing that somebody did, as one rate counts it."""

    key: str
    rate: RateLimitItem
    often: bool


class Limiter:
    """This worker's limits."""

    def __init__(
        self,
        overrides: dict[str, str],
        shared: Shared | None = None,
        windows: Windows | None = None,
    ) -> None:
        """`overrides` are rates that replace those of `limits.DEFAULTS`, by name."""
        self._rates = {
            name: limits.rates(text) for name, text in (limits.DEFAULTS | overrides).items()
        }
        self._shared = shared
        self._windows = Windows() if windows is None else windows
        self._to_tell: set[_Count] = set()
        self._telling: asyncio.Task[None] | None = None

    async def check(
        self, name: str, *, person: str = "", account: str = "", address: str = ""
    ) -> None:
        """Count something; raises TooMany when this is more than is allowed."""
        for count in self._counts(name, person, account, address):
            wait = self._windows.hit(count.key, count.rate.amount, count.rate.get_expiry())
            if not wait and self._shared is not None:
                if not count.often:
                    wait = await self._shared.hit(count.key, count.rate)
                elif self._windows.is_busy(count.key, count.rate.amount):
                    self._tell_later(count)
            if wait:
                raise _too_many(wait)

    async def forgive(self, name: str, *, person: str = "", account: str = "") -> None:
        """Begin anew: it was no attempt, it succeeded."""
        for count in self._counts(name, person, account, ""):
            self._windows.forget(count.key)
            if self._shared is not None:
                await self._shared.forget(count.key, count.rate)

    def _counts(self, name: str, person: str, account: str, address: str) -> Iterator[_Count]:
        whom = (
            (name, person),
            (f"{name}_account", account),
            (f"{name}_address", address and network_of(address)),
        )
        for limit, who in whom:
            if who:
                for rate in self._rates.get(limit, ()):
                    yield _Count(f"{limit} {rate.get_expiry()} {who}", rate, name in limits.OFTEN)

    def _tell_later(self, count: _Count) -> None:
        self._to_tell.add(count)
        if self._telling is None or self._telling.done():
            self._telling = asyncio.create_task(self._tell())

    async def _tell(self) -> None:
        assert self._shared is not None
        while self._to_tell:
            await asyncio.sleep(TELL_SECONDS)
            to_tell, self._to_tell = self._to_tell, set()
            for count in to_tell:
                times = self._windows.take_untold(count.key)
                if times and (wait := await self._shared.hit(count.key, count.rate, times)):
                    self._windows.close(count.key, wait)

    async def stop(self) -> None:
        """Tell nothing more."""
        if self._telling is not None:
            self._telling.cancel()
            await asyncio.gather(self._telling, return_exceptions=True)


@lru_cache(maxsize=4096)
def network_of(address: str) -> str:
    """Who an address stands for: itself, or its network where everybody has many of them."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.ip_network((parsed, NETWORK_BITS), strict=False))


def _too_many(wait: float) -> TooMany:
    seconds = math.ceil(wait)
    return TooMany(f"Too many attempts. Try again in {_words(seconds)}.", retry_after=seconds)


def _words(seconds: int) -> str:
    if seconds <= 90:
        return "1 second" if seconds == 1 else f"{seconds} seconds"
    return f"{math.ceil(seconds / 60)} minutes"


_limiter: Limiter | None = None


@asynccontextmanager
async def limited(settings: Settings, shared: Shared | None) -> AsyncIterator[None]:
    """Keep to the limits, if the settings say so; `shared` counts for all workers."""
    global _limiter
    if not settings.limits:
        yield
        return
    _limiter = Limiter(settings.limit, shared)
    try:
        yield
    finally:
        await _limiter.stop()
        _limiter = None


async def check(name: str, *, person: str = "", account: str = "", address: str = "") -> None:
    """Count that a person does something, or wants to get into an account, from an address.

    Raises TooMany when this is more than is allowed.
    """
    if _limiter is not None:
        await _limiter.check(name, person=person, account=account, address=address)


async def forgive(name: str, *, person: str = "", account: str = "") -> None:
    """Count no attempts any more: one has succeeded."""
    if _limiter is not None:
        await _limiter.forgive(name, person=person, account=account)
