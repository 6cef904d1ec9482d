"""A Redis server of our own. It only passes messages on: nothing of it is kept."""

from __future__ import annotations

import os
import re
import signal
import socket
from pathlib import Path

from tripchat.local.process import LocalServer, program

CONFIGURATION = """\
bind 127.0.0.1
port {port}
requirepass {password}
save ""
appendonly no
dir {folder}
"""


class LocalRedis(LocalServer):
    """One Redis server."""

    name = "Redis"
    log_name = "redis.log"
    stop_signal = signal.SIGTERM

    @property
    def url(self) -> str:
        """Its address, for TRIPCHAT_REDIS_URL."""
        return f"redis://:{self._password}@127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Start it and wait until it answers; raises CannotStart."""
        command = program("redis-server", "redis-server")
        file = self._folder / "redis.conf"
        self._stop_a_forgotten_one(file)
        file.touch(mode=0o600)
        settings = {"port": self.port, "password": self._password, "folder": self._folder}
        file.write_text(CONFIGURATION.format(**settings))
        self._launch([command, os.fspath(file)])

    def _stop_a_forgotten_one(self, file: Path) -> None:
        """End the server that a killed process of ours has left behind, if there is one."""
        said = file.read_text() if file.exists() else ""
        if (port := re.search(r"^port (\d+)$", said, re.MULTILINE)) and not self.is_running:
            # Nobody else has its password.
            self._asked(int(port[1]), "SHUTDOWN NOSAVE")

    def _answers(self) -> bool:
        return self._asked(self.port, "PING")

    def _asked(self, port: int, command: str) -> bool:
        """Whether the server at this port lets us in; then it has been told `command`."""
        try:
            with socket.create_connection(("127.0.0.1", port), 1) as connection:
                connection.settimeout(1)
                connection.sendall(f"AUTH {self._password}\r\n{command}\r\n".encode())
                return connection.recv(64).startswith(b"+OK")
        except OSError:
            return False
