"""Leaving a trip, and removing somebody from it."""

from starlette.requests import Request
from starlette.responses import Response

from tripchat.api.endpoint import Call, done
from tripchat.services import acts, members
from tripchat.services.sessions import Identity


async def remove(request: Request, identity: Identity) -> Response:
    trip_id, target = request.path_params["trip_id"], request.path_params["user_id"]
    await members.remove(identity.user_id, trip_id, target)
    return done()


routes = [Call(acts.REMOVE_MEMBER, "DELETE", "/api/trips/{trip_id}/members/{user_id}", remove)]
