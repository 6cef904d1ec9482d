"""PostgreSQL and Redis of our own for a site on this machine, kept in its data folder."""

from __future__ import annotations

import fcntl
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import FrameType

from tripchat.errors import CannotStart
from tripchat.local.postgres import LocalPostgres
from tripchat.local.redis import LocalRedis

WORKERS = "2"


@contextmanager
def local_cluster(data: Path) -> Iterator[None]:
    """Have PostgreSQL and Redis run, and the settings point to them.

    What the environment names is used instead.

    Raises:
        CannotStart: a program is missing or does not start, or the folder is in use.
    """
    folder = (data / "cluster").resolve()
    os.environ.setdefault("TRIPCHAT_WORKERS", WORKERS)
    with ExitStack() as running:
        # Whoever ends us while they start must not leave them behind.
        running.callback(signal.signal, signal.SIGTERM, signal.signal(signal.SIGTERM, _leave))
        if not all(map(os.environ.get, ("TRIPCHAT_DATABASE_URL", "TRIPCHAT_REDIS_URL"))):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            running.enter_context(_only_one(folder))
        if not os.environ.get("TRIPCHAT_DATABASE_URL"):
            postgres = LocalPostgres(folder)
            running.callback(postgres.stop)
            postgres.start()
            os.environ["TRIPCHAT_DATABASE_URL"] = postgres.url
        if not os.environ.get("TRIPCHAT_REDIS_URL"):
            redis = LocalRedis(folder)
            running.callback(redis.stop)
            redis.start()
            os.environ["TRIPCHAT_REDIS_URL"] = redis.url
        yield


@contextmanager
def local_database(data: Path) -> Iterator[None]:
    """Have the settings point to the database of `local_cluster`, which runs meanwhile.

    Raises:
        CannotStart: there is none yet, or it does not start.
    """
    folder = (data / "cluster").resolve()
    if not folder.exists():
        raise CannotStart(f"there is no {folder}: `make run-cluster` has not run with these data")
    with ExitStack() as running:
        try:
            running.enter_context(_only_one(folder))
        except CannotStart:  # whoever has it runs it
            postgres = LocalPostgres.running_in(folder)
        else:
            postgres = LocalPostgres(folder)
            running.callback(postgres.stop)
            postgres.start()
        os.environ["TRIPCHAT_DATABASE_URL"] = postgres.url
        yield


def _leave(_signal: int, _frame: FrameType | None) -> None:
    sys.exit(0)


@contextmanager
def _only_one(folder: Path) -> Iterator[None]:
    """Keep a second one from ending our servers as forgotten ones."""
    with (folder / "lock").open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CannotStart(f"another TripChat uses {folder}") from None
        yield
