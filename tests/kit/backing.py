"""A PostgreSQL and a Redis of the tests' own, in a folder that PostgreSQL's user can reach."""

from __future__ import annotations

import base64
import itertools
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tripchat.local.postgres import LocalPostgres
from tripchat.local.redis import LocalRedis

_numbers = itertools.count(1)


@contextmanager
def a_folder() -> Iterator[Path]:
    """A temporary folder that any user may pass through."""
    folder = Path(tempfile.mkdtemp(prefix="tripchat-"))
    folder.chmod(0o711)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def a_postgres(*, durable: bool = False) -> Iterator[LocalPostgres]:
    """A running PostgreSQL; one that is not `durable` forgets its latest when it is killed."""
    with a_folder() as folder:
        postgres = LocalPostgres(folder, durable=durable)
        try:
            postgres.start()
            yield postgres
        finally:
            postgres.stop()


@contextmanager
def a_redis() -> Iterator[LocalRedis]:
    """A running Redis."""
    with a_folder() as folder:
        redis = LocalRedis(folder)
        try:
            redis.start()
            yield redis
        finally:
            redis.stop()


@contextmanager
def a_database(postgres: LocalPostgres, template: str = "template0") -> Iterator[str]:
    """The address of a database that is used by nobody else, a copy of `template`."""
    name = f"test_{next(_numbers)}"
    postgres.create(name, template)
    try:
        yield postgres.url_of(name)
    finally:
        postgres.drop(name)


@contextmanager
def a_shared_storage(postgres: LocalPostgres) -> Iterator[dict[str, str]]:
    """The settings that all workers of a new site have in common, but for Redis."""
    with a_database(postgres) as url:
        key = base64.b64encode(secrets.token_bytes(32)).decode()
        yield {"TRIPCHAT_DATABASE_URL": url, "TRIPCHAT_SECRET_KEY": key}
