"""The rest of the web, on this machine: hosts with public addresses, and pages that they serve.

Only the last step is another one than in life: whatever address is called after it was checked, a
server of this process answers. What was looked up, called and asked for is kept.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpcore

from tripchat.previews.network import PublicNetwork, dialler

SOMEWHERE = "93.184.215.14"
"""A public address."""

Answer = bytes | Callable[[asyncio.StreamWriter], Awaitable[None]]


def html(content: str | bytes, *headers: str, status: str = "200 OK") -> bytes:
    """A whole answer with a page; `headers` come before the type."""
    body = content.encode() if isinstance(content, str) else content
    lines = [
        f"HTTP/1.1 {status}",
        *headers,
        "Content-Type: text/html",
        f"Content-Length: {len(body)}",
    ]
    return "\r\n".join([*lines, "", ""]).encode() + body


def titled(title: str) -> bytes:
    """A page of which this title is known."""
    return html(f"<title>{title}</title>")


def redirect(location: str, status: str = "302 Found", *headers: str) -> bytes:
    """An answer that leads elsewhere."""
    lines = [f"HTTP/1.1 {status}", f"Location: {location}", *headers, "Content-Length: 0", "", ""]
    return "\r\n".join(lines).encode("utf-8")


class Elsewhere(httpcore.AsyncNetworkBackend):
    """Hosts and their pages."""

    def __init__(self) -> None:
        self.hosts: dict[str, list[list[str]]] = {}
        """The addresses of a host, for the first lookup, and so on; the last stay."""
        self.pages: dict[str, Answer] = {}
        """What is answered, by the address without its scheme: `example.org/path`."""
        self.lookups: list[str] = []
        self.called: list[tuple[str, int]] = []
        self.requests: list[str] = []
        """The heads of all requests."""
        self.most_at_once = 0
        self._at_once = 0
        self._port = 0

    @property
    def network(self) -> PublicNetwork:
        """The guarded way there."""
        return PublicNetwork(self._resolve, self)

    async def _resolve(self, host: str, port: int) -> list[str]:
        self.lookups.append(host)
        if host not in self.hosts:
            return [SOMEWHERE]
        found = self.hosts[host]
        return found.pop(0) if len(found) > 1 else found[0]

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109  # the parent's
        local_address: str | None = None,
        socket_options: Any = None,
    ) -> httpcore.AsyncNetworkStream:
        """Call the server, whatever address was meant."""
        self.called.append((host, port))
        return await dialler().connect_tcp("127.0.0.1", self._port, timeout)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._at_once += 1
        self.most_at_once = max(self.most_at_once, self._at_once)
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            self.requests.append(head)
            answer = self.pages.get(_asked(head), html("", status="404 Not Found"))
            if isinstance(answer, bytes):
                writer.write(answer)
                await writer.drain()
            else:
                await answer(writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # whoever asked has heard enough
        finally:
            self._at_once -= 1
            writer.close()


@asynccontextmanager
async def elsewhere(tls: ssl.SSLContext | None = None) -> AsyncIterator[Elsewhere]:
    """The rest of the web for a while; with `tls` it speaks https alone."""
    web = Elsewhere()
    server = await asyncio.start_server(web._connected, "127.0.0.1", ssl=tls)
    web._port = server.sockets[0].getsockname()[1]
    async with server:
        yield web


def _asked(head: str) -> str:
    first, *fields = head.split("\r\n")
    host = next(line[6:] for line in fields if line.lower().startswith("host: "))
    return host + first.split(" ")[1]
