"""The built page as static files, cached by browsers the way each kind of file allows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from reflex.utils.precompressed_staticfiles import PrecompressedStaticFiles
from starlette.responses import Response
from starlette.types import Scope

from tripchat.server.content_policy import page_policy

SITE_FOLDER = "TRIPCHAT_SITE"
"""Environment variable in which the process that builds the page names the folder to serve."""

BUILD_NAME = "TRIPCHAT_BUILD"
"""Environment variable in which a build is told what it is called: like its folder."""

FOREVER = "public, max-age=31536000, immutable"
REVALIDATE = "no-cache"

SECRET_PATHS = ("join/", "reset/")
"""Pages whose address lets somebody in: it is told to nobody, not even to this server's log."""


class Site(PrecompressedStaticFiles):
    """Serves a build; unknown paths that a page answers get the page's shell."""

    def __init__(self, folder: Path, router: Callable[[str], str | None]) -> None:
        """`router` tells which page a path belongs to, None for no page."""
        super().__init__(directory=folder, html=True, encodings=["gzip"], router=router)
        self._policy = page_policy(folder)

    async def get_response(self, path: str, scope: Scope) -> Response:
        """A file, with what it may do, and how long it may be kept.

        Built files carry a hash of their content.
        """
        response = await super().get_response(path, scope)
        hashed = path.startswith("assets/") and response.status_code == 200
        response.headers["Cache-Control"] = FOREVER if hashed else REVALIDATE
        if path.startswith(SECRET_PATHS):
            response.headers["Referrer-Policy"] = "no-referrer"
        # On all of them: what is answered with 304 has no type, and the browser takes over the new
        # headers for the page that it has kept.
        response.headers["Content-Security-Policy"] = self._policy
        return response

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        """Only HTTP has files; a stray WebSocket is turned away."""
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1000})
            return
        await super().__call__(scope, receive, send)
