"""Event streams: one address, at which programs find a trip's feed and pages their connection."""

from starlette.requests import Request
from starlette.responses import Response

from tripchat.api import feed, stream
from tripchat.api.endpoint import refuse_foreign, route
from tripchat.errors import NotFound


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
    route("GET", _EVENTS, events),
    route("POST", _EVENTS, stream.post),
    route("GET", _ANYWHERE, events),
    route("POST", _ANYWHERE, stream.post),
]
