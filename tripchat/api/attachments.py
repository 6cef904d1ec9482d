"""Photos and files: uploading, reading, taking an upload back."""

import logging
from collections.abc import AsyncIterator

from starlette.requests import Request
from starlette.responses import Response

from tripchat.api import byte_range, form
from tripchat.api.download import FileResponse
from tripchat.api.endpoint import Call, answer, done, identity_of
from tripchat.api.problem import problem
from tripchat.errors import Invalid, NotFound, Refused
from tripchat.files import names
from tripchat.files.store import BlobMissing
from tripchat.services import acts, attachments
from tripchat.services.sessions import Identity
from tripchat.settings import get_settings

log = logging.getLogger(__name__)

HEADERS = {
    # Kept by this browser alone, and shown only after it has been asked whether that may be.
    "Cache-Control": "private, no-cache",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Accept-Ranges": "bytes",
}


class NoSuchRange(Refused):
    """The file has none of the bytes that were asked for."""

    status = 416
    title = "Range not satisfiable"


async def upload(request: Request, identity: Identity) -> Response:
    trip_id = request.path_params["trip_id"]
    await attachments.check_upload(identity.user_id, trip_id)
    given = form.FileForm(request, get_settings().attachment_max_bytes)
    await given.open()
    stored = await attachments.upload(identity.user_id, trip_id, given.filename, aiter(given))
    return answer(stored, 201)


async def download(request: Request, identity: Identity) -> Response:
    size = request.query_params.get("size")
    if size not in (None, "thumb"):
        raise Invalid("The only other size is thumb.", field="size")
    attachment_id = request.path_params["attachment_id"]

    async def find() -> attachments.Download:
        return await attachments.find(identity.user_id, attachment_id, thumb=size == "thumb")

    async def find_again() -> object:
        await identity_of(request)
        return await find()

    found = await find()
    etag = f'"{found.attachment_id}{"-thumb" if size else ""}"'
    headers = {
        **HEADERS,
        "ETag": etag,
        "Content-Disposition": names.disposition(found.name, inline=found.is_shown),
    }
    if byte_range.is_known(request.headers, etag):
        return Response(status_code=304, headers=headers)
    try:
        span = byte_range.wanted(request.headers, etag, found.size)
    except byte_range.Unsatisfiable:
        response = problem(NoSuchRange("The file is not as long as that."))
        response.headers["Content-Range"] = f"bytes */{found.size}"
        return response
    start, end = span or (0, found.size)
    headers["Content-Length"] = str(end - start)
    if span is not None:
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{found.size}"
    status = 200 if span is None else 206
    if request.method == "HEAD":
        return Response(status_code=status, headers=headers, media_type=found.type)
    return FileResponse(
        await _begun(found.read(start, end)),
        trip_id=found.trip_id,
        user_id=identity.user_id,
        session_id=identity.session_id,
        may_go_on=find_again,
        status_code=status,
        headers=headers,
        media_type=found.type,
    )


async def _begun(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The same pieces, of which the first is there; raises NotFound.

    Whatever prevents that is told in the answer; later it could only be broken off.
    """
    try:
        first = await anext(pieces)
    except BlobMissing:
        log.error("the bytes of a file are missing where files are kept")
        raise NotFound("The bytes of this file are missing.") from None

    async def all_of_it() -> AsyncIterator[bytes]:
        yield first
        async for piece in pieces:
            yield piece

    return all_of_it()


async def cancel(request: Request, identity: Identity) -> Response:
    await attachments.cancel(identity.user_id, request.path_params["attachment_id"])
    return done()


_UPLOADS = "/api/trips/{trip_id}/attachments"
_ATTACHMENT = "/api/attachments/{attachment_id}"

routes = [
    Call(acts.UPLOAD, "POST", _UPLOADS, upload, media_type=form.MEDIA_TYPE),
    Call(acts.READ_FILE, "GET", _ATTACHMENT, download),
    Call(acts.CANCEL_UPLOAD, "DELETE", _ATTACHMENT, cancel),
]
