"""A PostgreSQL server of our own: its cluster is made at the first start and kept in a folder."""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path
from typing import Self

from tripchat.errors import CannotStart
from tripchat.local.process import LocalServer, accepts, program

USER = "postgres"
"""Whom it runs as where we are root: it refuses to be root."""

ELSEWHERE = Path("/var/lib/postgresql")
"""Where the cluster is kept when that user cannot get into the folder: their own home."""

CONNECTIONS = 200

_HASTY = ("-c", "fsync=off", "-c", "full_page_writes=off", "-c", "synchronous_commit=off")


class LocalPostgres(LocalServer):
    """One PostgreSQL server, with a user of its own."""

    name = "PostgreSQL"
    log_name = "postgres.log"
    # An orderly stop of PostgreSQL waits for its clients, a fast one ends them.
    stop_signal = signal.SIGINT

    def __init__(self, folder: Path, port: int | None = None, *, durable: bool = True) -> None:
        """Without `durable` a crash of the machine may destroy it: for tests."""
        super().__init__(folder, port)
        self._durable = durable
        self._user = USER if os.geteuid() == 0 else None

    @classmethod
    def running_in(cls, folder: Path) -> Self:
        """The one that another process runs with this folder; raises CannotStart."""
        try:
            # pid, data folder, time, port: so PostgreSQL writes it down.
            port = (folder / "postgres" / "postmaster.pid").read_text().splitlines()[3]
        except (OSError, IndexError):
            raise CannotStart(f"the PostgreSQL of {folder} is not ready yet") from None
        return cls(folder, int(port))

    @property
    def url(self) -> str:
        """The address of its database, for TRIPCHAT_DATABASE_URL."""
        return self.url_of("tripchat")

    def url_of(self, database: str) -> str:
        """The address of one of its databases."""
        return f"postgresql://tripchat:{self._password}@127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        """Start it and wait until it answers, with its database there; raises CannotStart."""
        data = self._made()
        self._stop_a_forgotten_one(data)
        hasty = () if self._durable else _HASTY
        command = [
            *(_program("postgres"), "-D", os.fspath(data), "-p", str(self.port)),
            *("-h", "127.0.0.1", "-k", "", "-c", f"max_connections={CONNECTIONS}", *hasty),
        ]
        self._launch(command, self._user)
        self.create("tripchat")

    def _made(self) -> Path:
        """The cluster's folder, filled."""
        data = self._folder / "postgres"
        if not data.exists():
            home = self._home()
            if home != data:
                data.symlink_to(home)
            self._initialise(home)
        return data.resolve()

    def _home(self) -> Path:
        """A place for the cluster that its user can reach."""
        data = self._folder / "postgres"
        if self._user is None or _passable(self._folder):
            return data
        return ELSEWHERE / f"tripchat-{hashlib.sha256(os.fsencode(data)).hexdigest()[:12]}"

    def _initialise(self, data: Path) -> None:
        shutil.rmtree(data, ignore_errors=True)
        data.mkdir(mode=0o700, parents=True)
        if self._user is not None:
            shutil.chown(data, self._user, self._user)
            if data.parent == self._folder:
                # Others may pass through, and see nothing.
                self._folder.chmod(0o711)
        with tempfile.NamedTemporaryFile("w") as password:
            password.write(self._password)
            password.flush()
            if self._user is not None:
                shutil.chown(password.name, self._user)
            done = self._run(
                *(_program("initdb"), "-D", os.fspath(data), "-U", "tripchat", "-E", "UTF8"),
                *("--locale=C.UTF-8", "-A", "scram-sha-256", f"--pwfile={password.name}"),
                *(() if self._durable else ("--no-sync",)),
            )
        if done.returncode != 0:
            shutil.rmtree(data, ignore_errors=True)
            said = done.stdout.strip().splitlines() or ["nothing said"]
            raise CannotStart(f"PostgreSQL's data folder cannot be made: {said[-1]}")

    def _stop_a_forgotten_one(self, data: Path) -> None:
        """End the server that a killed process of ours has left behind, if there is one."""
        if (data / "postmaster.pid").exists() and not self.is_running:
            self._run(_program("pg_ctl"), "-D", os.fspath(data), "-m", "fast", "stop")

    def _run(self, *command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command, cwd="/", user=self._user, group=self._user, text=True, check=False,
            extra_groups=[] if self._user else None,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip

    def _answers(self) -> bool:
        return accepts(self.port) and self._sql("SELECT 1").returncode == 0

    def create(self, database: str, template: str = "template0") -> None:
        """Make a database unless it is there; raises CannotStart."""
        known = self._sql(f"SELECT 1 FROM pg_database WHERE datname = '{database}'")  # noqa: S608
        if known.returncode == 0 and known.stdout.strip() == "1":
            return
        made = self._sql(f'CREATE DATABASE "{database}" TEMPLATE "{template}"')
        if made.returncode != 0:
            raise CannotStart(f"the database {database} cannot be made: {made.stderr.strip()}")

    def drop(self, database: str) -> None:
        """Remove a database, whoever is connected to it."""
        self._sql(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')

    def _sql(self, statement: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [_program("psql"), "-X", "-A", "-t", "-c", statement],
            env={
                **os.environ,
                "PGHOST": "127.0.0.1",
                "PGPORT": str(self.port),
                "PGUSER": "tripchat",
                "PGPASSWORD": self._password,
                "PGDATABASE": "postgres",
            },
            cwd="/", text=True, capture_output=True, check=False,
        )  # fmt: skip


def _program(name: str) -> str:
    newest = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: path.parent.name)
    return program(name, "postgresql", *reversed(newest))


def _passable(folder: Path) -> bool:
    """Whether any user may pass through all of the folders above this one."""
    return all(parent.stat().st_mode & 0o001 for parent in folder.parents)
