"""My account: where I am signed in, and my password."""

from starlette.requests import Request
from starlette.responses import Response

from tripchat.api import body, session_cookie
from tripchat.api.endpoint import Call, answer, done
from tripchat.api.moments import iso
from tripchat.services import acts, devices, password_change
from tripchat.services.sessions import Identity


class NewPassword(body.Body):
    password: str
    new_password: str


async def sessions(_request: Request, identity: Identity) -> Response:
    return answer(
        [
            {
                **device,
                "signed_in_at": iso(device["signed_in_at"]),
                "last_seen_at": iso(device["last_seen_at"]),
            }
            for device in await devices.mine(identity)
        ]
    )


async def sign_out_there(request: Request, identity: Identity) -> Response:
    await devices.sign_out(identity, request.path_params["session_id"])
    return done()


async def sign_out_elsewhere(_request: Request, identity: Identity) -> Response:
    await devices.sign_out_elsewhere(identity)
    return done()


async def change_password(request: Request, identity: Identity) -> Response:
    given = await body.read(request, NewPassword)
    token = await password_change.change(
        identity, given.password, given.new_password, request.headers.get("user-agent", "")
    )
    response = done()
    session_cookie.set_token(request, response, token)
    return response


routes = [
    Call(acts.LIST_DEVICES, "GET", "/api/me/sessions", sessions),
    Call(acts.SIGN_OUT_ELSEWHERE, "DELETE", "/api/me/sessions", sign_out_elsewhere),
    Call(acts.SIGN_OUT_ELSEWHERE, "DELETE", "/api/me/sessions/{session_id}", sign_out_there),
    Call(acts.CHANGE_PASSWORD, "PUT", "/api/me/password", change_password),
]
