"""Asking for a new password, and setting it by the link that was sent."""

from starlette.requests import Request
from starlette.responses import Response

from tripchat.api import body
from tripchat.api.endpoint import Call, answer
from tripchat.api.origin import address_of, public_url
from tripchat.services import acts, limiting, resets


class Ask(body.Body):
    email: str


class Redeem(body.Body):
    password: str


async def ask(request: Request) -> Response:
    given = await body.read(request, Ask)
    account = given.email.strip().lower()
    await limiting.check("reset", account=account, address=address_of(request))
    resets.ask(given.email, public_url(request))
    return answer({}, 202)


async def redeem(request: Request) -> Response:
    given = await body.read(request, Redeem)
    await resets.redeem(request.path_params["token"], given.password)
    return answer({})


routes = [
    Call(acts.ASK_FOR_RESET, "POST", "/api/auth/reset", ask),
    Call(acts.RESET_PASSWORD, "POST", "/api/auth/reset/{token}", redeem),
]
