"""A build that belongs to no address: the page talks to the origin that it was loaded from."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import reflex as rx
from reflex_base import constants
from reflex_base.plugins.base import PreCompileContext
from typing_extensions import Unpack

PLACEHOLDER = "http://origin.tripchat.invalid"
_QUOTED = re.compile(r"""(["'`])""" + re.escape(PLACEHOLDER) + r"""(/[^"'`]*)\1""")


class SameOrigin(rx.plugins.Plugin):
    """Builds with a placeholder for the server's address and puts the page's own in its place."""

    def update_env_json(self, **context: Any) -> dict[str, Any]:
        """The server's endpoints, at no address yet."""
        return {endpoint.name: f"{PLACEHOLDER}{endpoint}" for endpoint in constants.Endpoint}

    def pre_compile(self, **context: Unpack[PreCompileContext]) -> None:
        """Keep the port of an https page: Reflex would drop it on localhost."""
        context["add_modify_task"](
            "utils/state.js", lambda code: code.replace('endpoint.port = "";', "")
        )

    def post_build(self, **context: Any) -> None:
        """Replace the placeholder in the built files.

        Raises:
            RuntimeError: it is in none of them, so the page would not find its server.
        """
        static_dir: Path = context["static_dir"]
        replaced = 0
        for file in static_dir.rglob("*.js"):
            text, count = _QUOTED.subn(r'(globalThis.location?.origin+"\2")', file.read_text())
            if count:
                file.write_text(text)
                replaced += count
        if not replaced:
            raise RuntimeError("the built page does not name its server: nothing to replace")
