"""From nothing to a served site: key, database, page, server."""

from __future__ import annotations

import asyncio
import os

from reflex_base.constants import Env
from reflex_base.environment import environment

from tripchat import migrations
from tripchat.server.build import ROOT, built_site
from tripchat.server.serve import serve
from tripchat.server.site import SITE_FOLDER
from tripchat.settings import Settings, get_settings


def build() -> None:
    """Build the page for the present sources and extensions."""
    built_site(_prepare().extensions)


def start(*, demo: bool = False) -> None:
    """Bring everything up to date and serve until told to stop.

    Raises:
        CannotStart: something is wrong with the settings, the key, the database or the build.
    """
    settings = _prepare()
    migrations.upgrade(settings)
    os.environ[SITE_FOLDER] = str(built_site(settings.extensions))
    hints = []
    if demo:
        from tripchat.demo import fill

        hints = asyncio.run(fill(settings))
    print(f"TripChat is at http://localhost:{settings.port}", *hints, sep="\n", flush=True)
    serve(settings)


def _prepare() -> Settings:
    """The settings, checked; from here on relative paths mean the project's folder."""
    if data := os.environ.get("TRIPCHAT_DATA"):
        os.environ["TRIPCHAT_DATA"] = os.path.abspath(data)
    os.chdir(ROOT)
    # The server finds the page built; compiling it once more would disturb other servers' builds.
    environment.REFLEX_SKIP_COMPILE.set(True)
    environment.REFLEX_ENV_MODE.set(Env.PROD)
    return get_settings()
