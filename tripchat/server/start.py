"""From nothing to a served site: settings, database, key, page, server."""

from __future__ import annotations

import asyncio
import os
from datetime import timedelta

from reflex_base.constants import Env
from reflex_base.environment import environment

from tripchat import extensions, migrations, storage
from tripchat.server.build import ROOT, built_site, in_use
from tripchat.server.serve import serve
from tripchat.server.site import SITE_FOLDER
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
    migrations.upgrade(settings)
    asyncio.run(_try_storage(settings))
    site = built_site(settings)
    hints: list[str] = []
    if demo:
        from tripchat.demo import fill

        hints = asyncio.run(fill(settings))
    os.environ[SITE_FOLDER] = str(site)
    with in_use(site):
        serve(settings, f"TripChat is at http://localhost:{settings.port}", *hints)


def _prepare() -> Settings:
    """The settings, checked; from here on relative paths mean the project's folder."""
    if data := os.environ.get("TRIPCHAT_DATA"):
        os.environ["TRIPCHAT_DATA"] = os.path.abspath(data)
    os.chdir(ROOT)
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
    extensions.load(settings.extensions)
    return settings


async def _try_storage(settings: Settings) -> None:
    """Find out before all else whether the key belongs to the database."""
    await storage.open_storage(settings)
    await storage.close_storage()
