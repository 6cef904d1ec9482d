"""From nothing to a served site: settings, database, key, page, server."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from reflex_base.constants import Env
from reflex_base.environment import environment

from tripchat import extensions, migrations, storage
from tripchat.errors import CannotStart
from tripchat.observability import logs, traces
from tripchat.server.build import built_site, in_use
from tripchat.server.inheritance import Inheritance
from tripchat.server.serve import serve
from tripchat.server.site import SITE_FOLDER
from tripchat.server.worker import work
from tripchat.settings import Settings, get_settings

PING_EVERY = timedelta(seconds=12)
PONG_WITHIN = timedelta(seconds=15)
"""A tab that has vanished is noticed when nothing has been heard of it for both together."""


def build() -> None:
    """Build the page for the present sources and extensions."""
    built_site(_prepare())


def start(*, demo: bool = False) -> None:
    """Bring everything up to date and serve until told to stop.

    Raises:
        CannotStart: something is wrong with the settings, the key, the database or the build.
    """
    settings = _prepare()
    hints = _bring_up_to_date(settings, demo=demo)
    with _site(settings):
        serve(settings, f"TripChat is at http://localhost:{settings.port}", *hints)


def prepare(*, demo: bool = False) -> None:
    """Bring everything up to date, for several workers that start then; raises CannotStart."""
    for hint in _bring_up_to_date(_prepare(), demo=demo):
        print(hint, flush=True)


def start_worker(given: Inheritance) -> None:
    """Serve as one of several, with everything up to date; raises CannotStart."""
    settings = _prepare()
    asyncio.run(_try_storage(settings))
    with _site(settings):
        work(given)


def _bring_up_to_date(settings: Settings, *, demo: bool) -> list[str]:
    """Give the database its tables and the page its build; gives what visitors may be told."""
    migrations.upgrade(settings)
    asyncio.run(_try_storage(settings))
    built_site(settings)
    if not demo:
        return []
    from tripchat.demo import fill

    return asyncio.run(fill(settings))


@contextmanager
def _site(settings: Settings) -> Iterator[None]:
    """Have this process serve the page's build."""
    site = built_site(settings)
    os.environ[SITE_FOLDER] = str(site)
    with in_use(site):
        yield


def _prepare() -> Settings:
    """The settings, checked."""
    # The server finds the page built; compiling it once more would disturb other servers' builds.
    environment.REFLEX_SKIP_COMPILE.set(True)
    environment.REFLEX_ENV_MODE.set(Env.PROD)
    for setting, value in (
        (environment.REFLEX_SOCKET_INTERVAL, PING_EVERY),
        (environment.REFLEX_SOCKET_TIMEOUT, PONG_WITHIN),
    ):
        if not setting.is_set():
            setting.set(value)
    settings = get_settings()
    logs.configure(settings)
    traces.check()
    extensions.load(settings.extensions)
    return settings


async def _try_storage(settings: Settings) -> None:
    """Find out before all else whether the key belongs to the database."""
    try:
        await storage.open_storage(settings)
    except OSError as error:
        raise CannotStart(f"the database does not answer: {str(error).splitlines()[0]}") from error
    await storage.close_storage()
