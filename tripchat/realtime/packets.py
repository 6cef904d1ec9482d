"""What goes down a link, numbered, so that a listener that was cut off can go on."""

from __future__ import annotations

from collections import deque

KEPT_PACKETS = 256
KEPT_BYTES = 1024 * 1024
"""What is kept of the packets already sent: a stream tells nobody what has arrived of it, and what
was on its way when it was cut has to be sent again."""

PIECE_BYTES = 64 * 1024
"""About what is sent at once: whoever takes nothing any more should not seem to have taken much."""

Packet = tuple[int, bytes]
"""Its number and its content."""


class Packets:
    """Packets 1, 2, 3...: all that wait to be sent, and the latest of those that were. No I/O."""

    def __init__(self, kept_packets: int = KEPT_PACKETS, kept_bytes: int = KEPT_BYTES) -> None:
        self._kept_packets = kept_packets
        self._kept_bytes = kept_bytes
        self._kept: deque[Packet] = deque()
        self._waiting: deque[Packet] = deque()
        self._added = 0
        self._sent_bytes = 0
        self.waiting_bytes = 0
        """How many bytes wait to be sent."""

    def add(self, content: bytes) -> None:
        """Let one more packet wait."""
        self._added += 1
        self._waiting.append((self._added, content))
        self.waiting_bytes += len(content)

    def send(self) -> list[Packet]:
        """The next packets that wait, which from now on are sent; none when none wait."""
        sent: list[Packet] = []
        size = 0
        while self._waiting and size < PIECE_BYTES:
            packet = self._waiting.popleft()
            sent.append(packet)
            size += len(packet[1])
        self._kept += sent
        self._count(size)
        while len(self._kept) > self._kept_packets or self._sent_bytes > self._kept_bytes:
            self._sent_bytes -= len(self._kept.popleft()[1])
        return sent

    def resume(self, heard: int) -> bool:
        """Have all after packet `heard` wait again; False when some of it is not there any more.

        What was never sent cannot have been heard: that is False as well.
        """
        last_sent = self._added - len(self._waiting)
        if not last_sent - len(self._kept) <= heard <= last_sent:
            return False
        while self._kept and self._kept[-1][0] > heard:
            packet = self._kept.pop()
            self._waiting.appendleft(packet)
            self._count(-len(packet[1]))
        return True

    def _count(self, sent_bytes: int) -> None:
        self._sent_bytes += sent_bytes
        self.waiting_bytes -= sent_bytes
