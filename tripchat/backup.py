"""Backing up what is stored into one file, and restoring it. The key is not in there.

A backup of SQLite is an SQLite database, one of PostgreSQL is pg_dump's custom format. Either is
what was stored at one moment, also while the site goes on.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Connection, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from tripchat import db, keyring, migrations, storage
from tripchat.db import postgresql, sqlite
from tripchat.errors import CannotBackUp, CannotStart
from tripchat.local.process import program
from tripchat.sealing import Sealer
from tripchat.settings import Settings

T = TypeVar("T")

_SQLITE, _POSTGRESQL = b"SQLite format 3\0", b"PGDMP"
_NAMES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
_RESTORE = ("--no-owner", "--no-privileges", "--clean", "--if-exists", "--single-transaction")


def back_up(settings: Settings, file: Path) -> None:
    """Write all that is stored into a new file, readable to its owner alone.

    Raises CannotBackUp with one line.
    """
    if file.exists():
        raise CannotBackUp(f"{file} is there already")
    unfinished = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        os.close(os.open(unfinished, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        if _backend(settings) == "sqlite":
            _copy(_sqlite_file(settings), unfinished)
        else:
            options = ("--format=custom", "--no-owner", "--no-privileges")
            _run(settings, "pg_dump", *options, f"--file={unfinished}")
        _sync(unfinished)
        os.link(unfinished, file)
    except FileExistsError:
        raise CannotBackUp(f"{file} is there already") from None
    except (OSError, sqlite3.Error) as error:
        raise CannotBackUp(f"the backup cannot be written: {_line(error)}") from error
    finally:
        with suppress(OSError):
            unfinished.unlink()


def restore(settings: Settings, file: Path, *, replace: bool = False) -> None:
    """Make a backup's content what is stored, up to date; nothing changes when that fails.

    Raises CannotBackUp with one line: for a file that is no backup, or torn, or belongs to another
    key; when somebody has stored something here already, unless told to `replace` it; while the
    site runs.
    """
    kind = _kind(file)
    if kind != _backend(settings):
        here = _NAMES[_backend(settings)]
        raise CannotBackUp(f"{file} is a backup of {_NAMES[kind]}, and this site uses {here}")
    try:
        known = _known_of_sqlite(file) if kind == "sqlite" else _known_of_dump(settings, file)
        storage.check_keys(settings, Sealer(*keyring.load(settings, create=False)), known)
        if kind == "sqlite":
            _restore_sqlite(settings, file, replace)
        else:
            _restore_postgresql(settings, file, replace)
        migrations.upgrade(settings)
    except CannotStart as problem:
        raise CannotBackUp(str(problem)) from problem
    except (OSError, sqlite3.Error, SQLAlchemyError) as error:
        raise CannotBackUp(f"the backup cannot be restored: {_line(error)}") from error


def _kind(file: Path) -> str:
    try:
        with file.open("rb") as backup:
            begin = backup.read(16)
    except OSError as error:
        raise CannotBackUp(f"{file} cannot be read: {error.strerror}") from None
    if begin == _SQLITE:
        return "sqlite"
    if begin.startswith(_POSTGRESQL):
        return "postgresql"
    raise CannotBackUp(f"{file} is no backup of TripChat")


def _backend(settings: Settings) -> str:
    return make_url(settings.database).get_backend_name()


# SQLite.


def _sqlite_file(settings: Settings) -> Path:
    return Path(make_url(settings.database).database or "")


def _copy(source: Path, target: Path) -> None:
    """A copy of a database as it is at this moment, in one file."""
    if not source.exists():
        raise CannotBackUp(f"there is no database at {source}")
    with (
        closing(sqlite3.connect(f"{source.resolve().as_uri()}?mode=ro", uri=True)) as there,
        closing(sqlite3.connect(target)) as here,
    ):
        there.execute(f"PRAGMA busy_timeout={sqlite.BUSY_TIMEOUT}")
        there.backup(here)
        here.execute("PRAGMA journal_mode=DELETE")


def _known_of_sqlite(file: Path) -> bytes | None:
    try:
        uri = f"{file.resolve().as_uri()}?mode=ro&immutable=1"
        with closing(sqlite3.connect(uri, uri=True)) as backup:
            [sound] = backup.execute("PRAGMA integrity_check(1)").fetchone()
            if sound != "ok":
                raise CannotBackUp(f"{file} is damaged: {sound.splitlines()[-1]}")
            row = backup.execute("SELECT known FROM seal").fetchone()
            backup.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.DatabaseError as error:
        raise CannotBackUp(f"{file} is no backup of TripChat, or damaged: {error}") from None
    return row and row[0]


def _restore_sqlite(settings: Settings, file: Path, replace: bool) -> None:
    db.prepare_folder(settings.database)
    target = _sqlite_file(settings)
    if target.exists():
        with closing(sqlite3.connect(target, timeout=1)) as there:
            if not replace and _has_people(there):
                raise _not_empty()
            try:
                # Nobody can have it open for that; and no log of it is left.
                there.execute("PRAGMA journal_mode=DELETE")
            except sqlite3.OperationalError:
                raise CannotBackUp("the site is running: stop it first") from None
    unfinished = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        os.close(os.open(unfinished, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        _copy(file, unfinished)
        _sync(unfinished)
        unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)


def _has_people(connection: sqlite3.Connection) -> bool:
    tables = "SELECT 1 FROM sqlite_master WHERE name = 'user'"
    found = connection.execute(tables).fetchone()
    return bool(found and connection.execute("SELECT 1 FROM user LIMIT 1").fetchone())


# PostgreSQL.


def _known_of_dump(settings: Settings, file: Path) -> bytes | None:
    """The row of `seal`, as COPY writes it."""
    script = _run(settings, "pg_restore", "--data-only", "--table=seal", "--file=-", str(file))
    with _damaged(file):
        _, _, rows = script.partition("\nCOPY public.seal (id, known) FROM stdin;\n")
        if not rows:
            raise CannotBackUp(f"{file} is no backup of TripChat")
        row = rows.split("\n", 1)[0]
        return None if row == "\\." else bytes.fromhex(row.split("\t")[1].removeprefix("\\\\x"))


@contextmanager
def _damaged(file: Path) -> Iterator[None]:
    try:
        yield
    except (ValueError, IndexError):
        raise CannotBackUp(f"{file} is damaged") from None


def _restore_postgresql(settings: Settings, file: Path, replace: bool) -> None:
    def look(connection: Connection) -> tuple[bool, bool]:
        there = connection.scalar(text("SELECT to_regclass('public.\"user\"')")) is not None
        filled = there and connection.scalar(text('SELECT 1 FROM "user" LIMIT 1')) is not None
        return filled, connection.scalar(_IN_USE) is not None

    filled, in_use = _directly(settings, look)
    if filled and not replace:
        raise _not_empty()
    if in_use:
        raise CannotBackUp("the site is running: stop it first")
    name = f"--dbname={make_url(settings.database).database}"
    _run(settings, "pg_restore", *_RESTORE, "--exit-on-error", name, str(file))
    # Otherwise the first queries would be planned for empty tables.
    _directly(settings, lambda connection: connection.execute(text("ANALYZE")))


_IN_USE = text(
    "SELECT 1 FROM pg_stat_activity"
    " WHERE datname = current_database() AND application_name = :name LIMIT 1"
).bindparams(name=postgresql.APPLICATION)


def _directly(settings: Settings, work: Callable[[Connection], T]) -> T:
    async def run() -> T:
        patience = {"timeout": postgresql.CONNECT_SECONDS}
        engine = create_async_engine(settings.database, poolclass=NullPool, connect_args=patience)
        async with engine.begin() as connection:
            done = await connection.run_sync(work)
        await engine.dispose()
        return done

    return asyncio.run(run())


def _run(settings: Settings, name: str, *options: str) -> str:
    """What one of PostgreSQL's programs says; its secrets never stand on a command line."""
    url = make_url(settings.database)
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: path.parent.name)
    known = {
        "PGHOST": url.host or url.query.get("host"),
        "PGPORT": url.port and str(url.port),
        "PGUSER": url.username,
        "PGPASSWORD": url.password and str(url.password),
        "PGDATABASE": url.database,
        "PGSSLMODE": url.query.get("ssl"),
        # A table that somebody holds on to is not waited for all day.
        "PGOPTIONS": "-c lock_timeout=10s",
        "PGCONNECT_TIMEOUT": "10",
    }
    done = subprocess.run(  # noqa: S603  # our own words, and no shell
        [program(name, "postgresql-client", *reversed(folders)), *options],
        env={**os.environ, **{key: str(value) for key, value in known.items() if value}},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        text=True,
        errors="replace",
    )
    if done.returncode != 0:
        said = [line for line in done.stderr.splitlines() if line.strip()] or ["nothing said"]
        reason = next((line for line in said if "error:" in line), said[0])
        raise CannotBackUp(reason.strip())
    return done.stdout


def _not_empty() -> CannotBackUp:
    return CannotBackUp("this site has people already; --replace puts the backup in their place")


def _sync(file: Path) -> None:
    with file.open("rb") as written:
        os.fsync(written.fileno())


def _line(error: BaseException) -> str:
    return str(getattr(error, "orig", None) or error).split("\n", 1)[0]
