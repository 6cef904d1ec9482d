"""Signing up, in and out."""

from starlette.requests import Request
from starlette.responses import Response

from tripchat.api import body, session_cookie
from tripchat.api.endpoint import Call, answer, done
from tripchat.api.origin import address_of
from tripchat.services import acts, limiting, people, sessions
from tripchat.views import PersonView


class SignUp(body.Body):
    name: str
    email: str
    password: str


class SignIn(body.Body):
    email: str
    password: str


async def sign_up(request: Request) -> Response:
    given = await body.read(request, SignUp)
    person = await people.sign_up(given.name, given.email, given.password)
    return await _signed_in(request, person, None, 201)


async def sign_in(request: Request) -> Response:
    given = await body.read(request, SignIn)
    account, address = given.email.strip().lower(), address_of(request)
    guesser = f"{account} {address}"
    await limiting.check("sign_in", person=guesser, account=account, address=address)
    person, password_hash = await people.authenticate(given.email, given.password)
    await limiting.forgive("sign_in", person=guesser, account=account)
    return await _signed_in(request, person, password_hash, 200)


async def sign_out(request: Request) -> Response:
    token = session_cookie.token_of(request)
    if token:
        await sessions.end(sessions.session_id(token))
    response = done()
    session_cookie.forget_token(request, response)
    return response


async def _signed_in(
    request: Request, person: PersonView, proven_by: str | None, status: int
) -> Response:
    """Open a session; the one that this browser had until now ends."""
    token = await sessions.start(
        person["user_id"],
        request.headers.get("user-agent", ""),
        replacing=session_cookie.token_of(request),
        proven_by=proven_by,
    )
    response = answer({"user_id": person["user_id"], "name": person["name"]}, status)
    session_cookie.set_token(request, response, token)
    return response


routes = [
    Call(acts.SIGN_UP, "POST", "/api/auth/sign-up", sign_up),
    Call(acts.SIGN_IN, "POST", "/api/auth/sign-in", sign_in),
    Call(acts.SIGN_OUT, "POST", "/api/auth/sign-out", sign_out),
]
