"""One file in a form (multipart/form-data), read as it comes and never held as a whole."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import ClientDisconnect, Request

from tripchat.errors import Invalid, Malformed, TooLarge

# What is wrong with a form is told to its sender, and does not fill the log.
logging.getLogger("python_multipart").setLevel(logging.CRITICAL)

MEDIA_TYPE = "multipart/form-data"
FIELD = "file"

AROUND_BYTES = 64 * 1024
"""The most that a form may have besides its file."""

SILENCE_SECONDS = 60.0
"""How long a sender may send nothing before nobody waits for them."""


class FileForm:
    """A form's one file: `open` reads as far as its name, then iterating gives its bytes.

    Both raise Malformed, Invalid for field `file`, and TooLarge as soon as the file is.
    """

    def __init__(self, request: Request, most_bytes: int) -> None:
        self.filename = ""
        self._request = request
        self._most = most_bytes
        self._size = 0
        self._around = 0
        self._files = 0
        self._in_file = False
        self._ended = False
        self._pieces: list[bytes] = []
        self._header = (bytearray(), bytearray())
        self._disposition = b""
        self._chunks = self._read()

    async def open(self) -> None:
        """Read as far as the file's name."""
        declared = self._request.headers.get("content-length", "")
        if declared.isascii() and declared.isdigit():
            digits = declared.lstrip("0")
            if len(digits) > 15 or int(digits or "0") > self._most + AROUND_BYTES:
                raise self._too_large()
        async for _ in self._chunks:
            if self._files:
                return
        raise Invalid("The form has no file.", field=FIELD)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while True:
            pieces, self._pieces = self._pieces, []
            for piece in pieces:
                yield piece
            if await anext(self._chunks, None) is None:
                return

    async def _read(self) -> AsyncIterator[bool]:
        """Parse chunk by chunk, to the end of the form."""
        parser = self._parser()
        stream = self._request.stream()
        while True:
            try:
                async with asyncio.timeout(SILENCE_SECONDS):
                    chunk = await anext(stream, b"")
            except ClientDisconnect:
                raise Malformed("The form is incomplete.") from None
            except TimeoutError:
                raise Malformed("Nothing came for too long.") from None
            if not chunk:
                break
            before = self._size
            try:
                parser.write(chunk)
            except FormParserError:
                raise Malformed("The form cannot be read.") from None
            self._around += len(chunk) - (self._size - before)
            if self._size > self._most:
                raise self._too_large()
            if self._around > AROUND_BYTES:
                raise Malformed("The form has too much besides its file.")
            yield True
        if not self._ended:
            raise Malformed("The form is incomplete.")

    def _too_large(self) -> TooLarge:
        return TooLarge(f"The file is larger than {self._most // 1024**2} MB.")

    def _parser(self) -> MultipartParser:
        _, options = parse_options_header(self._request.headers.get("content-type", ""))
        boundary = options.get(b"boundary")
        if not boundary:
            raise Malformed("The form names no boundary.")
        try:
            return MultipartParser(
                boundary,
                {
                    "on_part_begin": self._on_part_begin,
                    "on_header_begin": self._on_header_begin,
                    "on_header_field": lambda data, at, end: self._header[0].extend(data[at:end]),
                    "on_header_value": lambda data, at, end: self._header[1].extend(data[at:end]),
                    "on_header_end": self._on_header_end,
                    "on_headers_finished": self._on_headers_finished,
                    "on_part_data": self._on_part_data,
                    "on_part_end": self._on_part_end,
                    "on_end": self._on_end,
                },
            )
        except FormParserError:
            raise Malformed("The form's boundary cannot be used.") from None

    def _on_part_begin(self) -> None:
        self._disposition = b""

    def _on_header_begin(self) -> None:
        self._header = (bytearray(), bytearray())

    def _on_header_end(self) -> None:
        if self._header[0].lower() == b"content-disposition":
            self._disposition = bytes(self._header[1])

    def _on_headers_finished(self) -> None:
        _, options = parse_options_header(self._disposition)
        self._in_file = options.get(b"name") == FIELD.encode()
        if self._in_file:
            self._files += 1
            if self._files > 1:
                raise Malformed("A form brings one file.")
            self.filename = options.get(b"filename", b"").decode(errors="replace")

    def _on_part_data(self, data: bytes, start: int, end: int) -> None:
        if self._in_file:
            self._size += end - start
            self._pieces.append(data[start:end])

    def _on_part_end(self) -> None:
        self._in_file = False

    def _on_end(self) -> None:
        self._ended = True
