"""Erasing a trip, and one's own account."""

from starlette.requests import Request
from starlette.responses import Response

from tripchat.api import body, session_cookie
from tripchat.api.endpoint import Call, done
from tripchat.services import acts, erasing
from tripchat.services.sessions import Identity


class Title(body.Body):
    title: str


class Password(body.Body):
    password: str


async def erase_trip(request: Request, identity: Identity) -> Response:
    given = await body.read(request, Title)
    await erasing.erase_trip(identity.user_id, request.path_params["trip_id"], given.title)
    return done()


async def erase_self(request: Request, identity: Identity) -> Response:
    given = await body.read(request, Password)
    await erasing.erase_person(identity.user_id, given.password)
    response = done()
    session_cookie.forget_token(request, response)
    return response


routes = [
    Call(acts.ERASE_TRIP, "DELETE", "/api/trips/{trip_id}", erase_trip),
    Call(acts.ERASE_SELF, "DELETE", "/api/me", erase_self),
]
