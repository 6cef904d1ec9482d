"""When each message was sent and when it came to each tab."""

import asyncio
import time
from array import array

from bench.messages import MARK, next_number


class Arrivals:
    """The deliveries of one measurement: every message sent is expected in every tab, once."""

    def __init__(self, tabs: int, messages: int) -> None:
        self.tabs = tabs
        self.messages = messages
        self.delays = array("d")  # seconds from send to arrival, in order of arrival
        self.receivers = array("H")  # the tab of each
        self.first_sent = 0.0  # seconds of time.perf_counter
        self.last_arrived = 0.0
        self.frames = 0  # frames that brought at least one new message
        self.complete = asyncio.Event()
        self._first_number = next_number()
        for _ in range(messages - 1):
            next_number()
        self._sent = array("d", bytes(8 * messages))
        self._seen = [bytearray(messages) for _ in range(tabs)]

    @property
    def expected(self) -> int:
        """Deliveries in all."""
        return self.tabs * self.messages

    @property
    def missing(self) -> int:
        """Deliveries that have not come."""
        return self.expected - len(self.delays)

    def number(self, index: int) -> int:
        """The number of this measurement's message `index`, counted from 0."""
        return self._first_number + index

    def sending(self, index: int) -> None:
        """Notes that message `index` is about to be written to its socket."""
        now = time.perf_counter()
        self._sent[index] = now
        if index == 0:
            self.first_sent = now

    def arrived(self, tab: int, when: float, frame: bytes) -> None:
        """Notes the messages that `frame`, read at `when`, brings to `tab` for the first time."""
        seen = self._seen[tab]
        new = False
        for mark in MARK.findall(frame):
            index = int(mark) - self._first_number
            if 0 <= index < self.messages and not seen[index]:
                seen[index] = 1
                new = True
                self.delays.append(when - self._sent[index])
                self.receivers.append(tab)
        if new:
            self.frames += 1
            if when > self.last_arrived:
                self.last_arrived = when
            if len(self.delays) == self.expected:
                self.complete.set()
