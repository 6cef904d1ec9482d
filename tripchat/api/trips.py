"""Who I am, my trips, and making one."""

from starlette.requests import Request
from starlette.responses import Response

from tripchat.api import body
from tripchat.api.endpoint import Call, answer
from tripchat.api.moments import iso
from tripchat.services import acts, people, trips
from tripchat.services.sessions import Identity


class NewTrip(body.Body):
    title: str
    destination: str | None = None
    starts_on: str | None = None
    ends_on: str | None = None
    time_zone: str | None = None


class Rename(body.Body):
    name: str


async def rename(request: Request, identity: Identity) -> Response:
    given = await body.read(request, Rename)
    return answer(await people.rename(identity.user_id, given.name))


async def me(_request: Request, identity: Identity) -> Response:
    return answer({"user_id": identity.user_id, "name": identity.name, "email": identity.email})


async def mine(_request: Request, identity: Identity) -> Response:
    cards = await trips.mine(identity.user_id)
    return answer([{**card, "last_at": iso(card["last_at"])} for card in cards])


async def create(request: Request, identity: Identity) -> Response:
    given = await body.read(request, NewTrip)
    return answer(await trips.create(identity.user_id, **given.model_dump()), 201)


async def change(request: Request, identity: Identity) -> Response:
    given = await body.read(request, NewTrip)
    trip_id = request.path_params["trip_id"]
    return answer(await trips.change(identity.user_id, trip_id, **given.model_dump()))


routes = [
    Call(acts.SEE_SELF, "GET", "/api/me", me),
    Call(acts.RENAME_SELF, "PUT", "/api/me", rename),
    Call(acts.LIST_TRIPS, "GET", "/api/trips", mine),
    Call(acts.MAKE_TRIP, "POST", "/api/trips", create),
    Call(acts.CHANGE_TRIP, "PUT", "/api/trips/{trip_id}", change),
]
