"""HTTP by hand: requests that are sent slowly or in part, answers that are read or not."""

from __future__ import annotations

import asyncio
from asyncio import StreamReader, StreamWriter
from typing import Self
from urllib.parse import urlsplit

from tests.kit.people import COOKIE, Account

BOUNDARY = "cut-here"


class RawCall:
    """One request on a connection of its own."""

    def __init__(self, reader: StreamReader, writer: StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    @classmethod
    async def begin(cls, account: Account, method: str, path: str, **headers: str) -> Self:
        """Send the head of a request of somebody who is signed in."""
        url = urlsplit(str(account.http.base_url))
        # A small buffer: what nobody reads stays with the server.
        reader, writer = await asyncio.open_connection(url.hostname, url.port, limit=1024)
        lines = [f"{method} {path} HTTP/1.1", f"Host: {url.netloc}"]
        lines += [f"Cookie: {COOKIE}={account.token}", *(f"{k}: {v}" for k, v in headers.items())]
        writer.write("\r\n".join([*lines, "", ""]).encode())
        await writer.drain()
        return cls(reader, writer)

    async def sends(self, content: bytes) -> None:
        """Send a part of the body."""
        self.writer.write(content)
        await self.writer.drain()

    async def head(self) -> tuple[int, dict[str, str]]:
        """The answer's status and headers."""
        lines = (await self.reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = (line.partition(": ") for line in lines[1:] if line)
        return int(lines[0].split()[1]), {name.lower(): value for name, _, value in headers}

    async def rest(self) -> int:
        """How many bytes come until the connection ends, in whatever way."""
        count = 0
        try:
            while piece := await self.reader.read(65_536):
                count += len(piece)
        except ConnectionError:
            pass
        return count

    def close(self) -> None:
        """Hang up."""
        self.writer.transport.abort()


async def begin_upload(account: Account, trip_id: str, length: int) -> RawCall:
    """The head of an upload of so many bytes, all but its end."""
    form = (
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="a.bin"\r\n\r\n'
    ).encode()
    whole = len(form) + length + len(END_OF_UPLOAD)
    call = await RawCall.begin(
        account,
        "POST",
        f"/api/trips/{trip_id}/attachments",
        **{
            "Content-Type": f"multipart/form-data; boundary={BOUNDARY}",
            "Content-Length": str(whole),
        },
    )
    await call.sends(form)
    return call


END_OF_UPLOAD = f"\r\n--{BOUNDARY}--\r\n".encode()
