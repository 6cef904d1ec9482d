"""The call that exports a trip."""

from __future__ import annotations

import re

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from tripchat.api.download import FileResponse
from tripchat.api.endpoint import Call, identity_of
from tripchat.api.export import archive, data, page
from tripchat.api.export.archive import Entry
from tripchat.api.export.paths import Paths
from tripchat.errors import TooMany
from tripchat.files import names
from tripchat.services import acts, exporting
from tripchat.services.exporting import Export
from tripchat.services.sessions import Identity

ZIP = "application/zip"

_exporting: set[str] = set()
"""The ids of those whom this worker gives a trip just now."""


async def export(request: Request, identity: Identity) -> Response:
    trip_id, user_id = request.path_params["trip_id"], identity.user_id

    async def may_go_on() -> None:
        await identity_of(request)
        await exporting.check(user_id, trip_id)

    begun = await exporting.begin(user_id, trip_id)
    if user_id in _exporting:
        raise TooMany("You are exporting a trip already; one at a time.", retry_after=10)
    headers = {
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
        "Content-Disposition": names.disposition(_name(begun), inline=False),
    }
    if request.method == "HEAD":
        return Response(headers=headers, media_type=ZIP)
    _exporting.add(user_id)
    return ExportResponse(
        archive.pieces(_entries(begun)),
        trip_id=trip_id,
        user_id=user_id,
        session_id=identity.session_id,
        may_go_on=may_go_on,
        status_code=200,
        headers=headers,
        media_type=ZIP,
    )


class ExportResponse(FileResponse):
    """Somebody's one export."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            _exporting.discard(self._user_id)


def _entries(export: Export) -> list[Entry]:
    paths = Paths(export.files)
    files = [
        Entry(path, file.read(), is_packed=True)
        for file in export.files
        if (path := paths.of(file.attachment_id)) is not None
    ]
    return [
        Entry("index.html", page.pieces(export, paths)),
        Entry("trip.json", data.pieces(export, paths)),
        *files,
    ]


def _name(export: Export) -> str:
    """What the archive is called: after the trip, in letters that every system knows."""
    words = re.sub(r"[^\w -]", "", export.trip["title"]).strip()
    return f"{words or 'trip'}.zip"


routes = [Call(acts.EXPORT_TRIP, "GET", "/api/trips/{trip_id}/export", export)]
