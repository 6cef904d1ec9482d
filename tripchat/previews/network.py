"""Connections to public machines alone.

A host's name is looked up once, every address that it has is checked, and exactly what was checked
is called: a name that means something else a moment later gains nothing. TLS goes on checking the
certificate against the name.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from ipaddress import IPv4Address, IPv4Network, IPv6Network, ip_address
from typing import Any, cast

import httpcore

from tripchat.previews.web_address import NoPreview

LOOKUPS_TOGETHER = 4
"""Lookups have threads of their own: names that take long hold up no others of the server."""

MOST_ADDRESSES = 2
"""Addresses of a host that are tried, one after the other."""

_OUTSIDE_4 = tuple(
    map(
        IPv4Network,
        (
            "192.0.0.0/24",  # the protocols' own
            "192.88.99.0/24",  # relays to IPv6
            "168.63.129.16/32",  # a cloud's own services, at an address that looks public
        ),
    )
)
_PUBLIC_6 = IPv6Network("2000::/3")
_OUTSIDE_6 = tuple(
    map(
        IPv6Network,
        (
            "2001::/23",  # tunnels that carry an IPv4 address, and the protocols' own
            "2001:db8::/32",  # documentation
            "2002::/16",  # 6to4: carries an IPv4 address
            "3fff::/20",  # documentation
        ),
    )
)

Resolve = Callable[[str, int], Awaitable[list[str]]]
"""Host and port -> its addresses."""


def is_public(address: str) -> bool:
    """Whether this IP address is a machine of the public Internet.

    What carries an IPv4 address in an IPv6 one (mapped, compatible, NAT64, 6to4, Teredo) is not,
    whatever it carries.
    """
    try:
        ip = ip_address(address)
    except ValueError:
        return False
    if not ip.is_global or ip.is_multicast or ip.is_reserved or ip.is_unspecified:
        return False
    if isinstance(ip, IPv4Address):
        return not any(ip in network for network in _OUTSIDE_4)
    return (
        ip.scope_id is None and ip in _PUBLIC_6 and not any(ip in network for network in _OUTSIDE_6)
    )


async def resolve(host: str, port: int) -> list[str]:
    """The addresses of a host, as this machine looks them up; raises OSError when it has none."""
    found = await asyncio.get_running_loop().run_in_executor(_lookups, _addresses, host, port)
    return list(dict.fromkeys(str(place[4][0]) for place in found))


def _addresses(host: str, port: int) -> list[Any]:
    return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)


_lookups = ThreadPoolExecutor(LOOKUPS_TOGETHER, "preview-lookup")


def dialler() -> httpcore.AsyncNetworkBackend:
    """What calls an address as it is given."""
    return cast("httpcore.AsyncNetworkBackend", httpcore.AnyIOBackend())


class PublicNetwork(httpcore.AsyncNetworkBackend):
    """The way out: it looks a host up, checks its addresses and calls one of these."""

    def __init__(
        self, look_up: Resolve = resolve, dial: httpcore.AsyncNetworkBackend | None = None
    ) -> None:
        """`dial` calls an address that has been checked."""
        self._resolve = look_up
        self._dial = dial or dialler()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109  # the parent's
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """A connection to a host; raises NoPreview when any of its addresses is not public."""
        try:
            addresses = await self._resolve(host, port)
        except (OSError, UnicodeError):
            raise NoPreview("the host is unknown") from None
        if not addresses or not all(map(is_public, addresses)):
            raise NoPreview("the host is not public")
        for address in addresses[:MOST_ADDRESSES]:
            try:
                return await self._dial.connect_tcp(address, port, timeout, local_address)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue
        raise NoPreview("the host cannot be reached")

    async def connect_unix_socket(self, *_: object, **__: object) -> httpcore.AsyncNetworkStream:
        """Never: nothing on this machine is a web page."""
        raise NoPreview("the host is not public")

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)
