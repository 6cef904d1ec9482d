"""A server of our own that runs as a child of this process."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from tripchat.errors import CannotStart

READY_SECONDS = 30.0
STOP_SECONDS = 20.0
LOOK_EVERY_SECONDS = 0.02


class LocalServer(ABC):
    """A server on a port of 127.0.0.1, with a password of its own."""

    name: ClassVar[str]
    """What errors call it."""

    log_name: ClassVar[str]

    stop_signal: ClassVar[signal.Signals]
    """What asks it to end in an orderly manner."""

    def __init__(self, folder: Path, port: int | None = None) -> None:
        """`folder` takes what it needs and its log; `port` is a free one unless given."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.port = port or free_port()
        self._folder = folder.resolve()
        self._password = password_in(folder)
        self._process: subprocess.Popen[bytes] | None = None

    @abstractmethod
    def start(self) -> None:
        """Start it and wait until it answers; raises CannotStart."""

    @abstractmethod
    def _answers(self) -> bool:
        """Whether it is ready."""

    @property
    def pid(self) -> int:
        """The running process."""
        assert self._process is not None
        return self._process.pid

    @property
    def is_running(self) -> bool:
        """Whether it has been started and has not ended since."""
        return self._process is not None and self._process.poll() is None

    def _launch(self, command: Sequence[str], user: str | None = None) -> None:
        """Start `command`, as `user` if given, and wait until it answers.

        Raises:
            CannotStart: it has ended instead, or does not answer after 30 seconds.
        """
        log = self._folder / self.log_name
        with log.open("ab") as output:
            self._process = process = subprocess.Popen(
                command,
                cwd="/",
                user=user,
                group=user,
                extra_groups=[] if user else None,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                # Ctrl-C in a terminal goes to all of its group: this one is ended by us, at last.
                start_new_session=True,
            )
        until = time.monotonic() + READY_SECONDS
        while not self._answers():
            if process.poll() is not None or time.monotonic() > until:
                self.kill()
                raise CannotStart(f"{self.name} does not start; see {log}")
            time.sleep(LOOK_EVERY_SECONDS)

    def stop(self) -> None:
        """End it in an orderly manner; does nothing when it is not there."""
        self._end(self.stop_signal)

    def kill(self) -> None:
        """End it with SIGKILL, in the middle of whatever it does."""
        self._end(signal.SIGKILL)

    def _end(self, how: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.send_signal(how)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def program(name: str, package: str, *folders: Path) -> str:
    """The path of a program of Debian's `package`, from `PATH` or one of the folders.

    Raises:
        CannotStart: it is not installed.
    """
    places = os.pathsep.join([os.environ.get("PATH", os.defpath), *map(str, folders)])
    if (found := shutil.which(name, path=places)) is None:
        raise CannotStart(
            f"{name} is not installed (on Debian and Ubuntu: apt-get install {package})"
        )
    return found


def free_port() -> int:
    """A port of this machine that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def accepts(port: int) -> bool:
    """Whether something listens at this port of the machine."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def password_in(folder: Path) -> str:
    """The password that belongs to a folder, made when there is none."""
    file = folder / "password"
    if not file.exists():
        descriptor = os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(descriptor, "w") as out:
            out.write(os.urandom(16).hex())
    return file.read_text()
