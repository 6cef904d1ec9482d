"""Event streams: one address, at which programs find a trip's feed and pages their connection."""

from starlette.requests import Request
from starlette.responses import Response

from tripchat.api import feed, stream
from tripchat.api.endpoint import Call, refuse_foreign
from tripchat.errors import NotFound
from tripchat.services import acts


async def events(request: Request) -> Response:
    # To listen is to be seen as present: no page of another site may do that for a visitor.
    refuse_foreign(request)
    if "EIO" in request.query_params:
        return await stream.listen(request)
    if "trip_id" not in request.path_params:
        raise NotFound("There is no such address.")
    return await feed.follow(request)


_EVENTS = "/api/trips/{trip_id}/events"
_ANYWHERE = "/api/events"
"""For pages that show no trip."""

routes = [
    Call(acts.CONNECT, "GET", _EVENTS, events),
    Call(acts.TALK, "POST", _EVENTS, stream.post),
    Call(acts.CONNECT, "GET", _ANYWHERE, events),
    Call(acts.TALK, "POST", _ANYWHERE, stream.post),
]
