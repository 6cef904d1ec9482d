"""CPU time: the server's, the load client's, everybody's."""

import time
from dataclasses import dataclass

import psutil

from bench.server import Server


@dataclass(frozen=True)
class Usage:
    """Seconds, up to now or between two moments."""

    clock: float  # of the wall
    server: float
    client: float
    machine: float  # all processes, on all cores

    @classmethod
    def now(cls, server: Server) -> "Usage":
        """What has been used so far."""
        times = psutil.cpu_times()
        machine = times.user + times.nice + times.system + times.irq + times.softirq + times.steal
        return cls(time.perf_counter(), server.cpu_seconds(), time.process_time(), machine)

    def since(self, before: "Usage") -> "Usage":
        """What was used between `before` and this."""
        return Usage(
            clock=self.clock - before.clock,
            server=self.server - before.server,
            client=self.client - before.client,
            machine=self.machine - before.machine,
        )
