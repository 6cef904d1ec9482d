"""The heads of the HTTP/1.1 requests on a connection, found while its bytes pass by."""

import re
from collections.abc import Iterator

_END = b"\r\n\r\n"
_LENGTH = re.compile(rb"^content-length:\s*(\d+)", re.IGNORECASE | re.MULTILINE)
_UPGRADE = re.compile(rb"^upgrade:\s*websocket", re.IGNORECASE | re.MULTILINE)


class RequestHeads:
    """Cuts what a browser sends into pieces, so that each head is a piece of its own.

    Bodies are those with a `Content-Length`: browsers send no others.
    """

    def __init__(self) -> None:
        self._unfinished = b""
        self._body_bytes = 0
        self._upgraded = False

    def feed(self, data: bytes) -> Iterator[tuple[bytes, bool]]:
        """Take the next bytes; gives pieces, and of each whether it asks for a WebSocket.

        Whoever goes on after such a piece has let it through: no request can follow it.
        """
        while data:
            if self._upgraded:
                yield data, False
                return
            if self._body_bytes:
                body, data = data[: self._body_bytes], data[self._body_bytes :]
                self._body_bytes -= len(body)
                yield body, False
                continue
            head, end, data = (self._unfinished + data).partition(_END)
            if not end:
                self._unfinished = head
                return
            self._unfinished = b""
            length = _LENGTH.search(head)
            self._body_bytes = int(length[1]) if length else 0
            self._upgraded = _UPGRADE.search(head) is not None
            yield head + end, self._upgraded
