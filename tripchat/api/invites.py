"""Inviting by link."""

from starlette.requests import Request
from starlette.responses import Response

from tripchat.api import body
from tripchat.api.endpoint import Call, answer, done
from tripchat.api.moments import iso
from tripchat.api.origin import base_url
from tripchat.services import acts, invites
from tripchat.services.sessions import Identity


class NewInvite(body.Body):
    expires_in_hours: int | None = None
    max_uses: int | None = None


async def create(request: Request, identity: Identity) -> Response:
    given = await body.read(request, NewInvite)
    invite = await invites.create(
        identity.user_id, request.path_params["trip_id"], **given.model_dump()
    )
    return answer(
        {
            "code": invite["code"],
            "url": f"{base_url(request)}/join/{invite['code']}",
            "expires_at": iso(invite["expires_at"]),
            "max_uses": invite["max_uses"],
        },
        201,
    )


async def accept(request: Request, identity: Identity) -> Response:
    return answer({"trip_id": await invites.accept(identity.user_id, request.path_params["code"])})


async def revoke(request: Request, identity: Identity) -> Response:
    await invites.revoke(identity.user_id, request.path_params["code"])
    return done()


routes = [
    Call(acts.INVITE, "POST", "/api/trips/{trip_id}/invites", create),
    Call(acts.ACCEPT_INVITE, "POST", "/api/invites/{code}/accept", accept),
    Call(acts.REVOKE_INVITE, "DELETE", "/api/invites/{code}", revoke),
]
