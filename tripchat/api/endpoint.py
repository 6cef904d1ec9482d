"""What every call has in common: foreign pages are refused, refusals become problems."""

from collections.abc import Awaitable, Callable
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tripchat.api import session_cookie
from tripchat.api.origin import is_foreign
from tripchat.api.problem import problem, unexpected
from tripchat.errors import Malformed, NotAMember, NotSignedIn, Refused
from tripchat.ids import ID_CHARS, looks_like_id
from tripchat.observability import context
from tripchat.services import sessions
from tripchat.services.sessions import Identity

Handler = Callable[[Request], Awaitable[Response]]
SignedInHandler = Callable[[Request, Identity], Awaitable[Response]]

READING = {"GET", "HEAD"}


JSON = "application/json"
"""The one type of bodies that no page of another site can send without asking first."""

FROM_HERE = {"same-origin", "none"}
"""What browsers say of calls that no page of another site has made, in `Sec-Fetch-Site`."""


def route(method: str, path: str, handler: Handler, *, media_type: str = JSON) -> Route:
    """A call that anybody may make, with a body of this type."""

    async def endpoint(request: Request) -> Response:
        context.note(trip_id=_trip_id(request))
        try:
            if request.method not in READING:
                _check_sender(request, media_type)
            return await handler(request)
        except Refused as refused:
            return problem(refused)
        except Exception as error:
            return unexpected(error)

    return Route(path, endpoint, methods=[method], name=f"{method} {path}")


def signed_in_route(
    method: str, path: str, handler: SignedInHandler, *, media_type: str = JSON
) -> Route:
    """A call for those who are signed in; the handler is told who they are."""

    async def identified(request: Request) -> Response:
        return await handler(request, await identity_of(request))

    return route(method, path, identified, media_type=media_type)


def _trip_id(request: Request) -> str:
    """The trip that an address names, for the logs; anybody can ask for anything."""
    trip_id = request.path_params.get("trip_id", "")
    return trip_id if looks_like_id(trip_id) and len(trip_id) == ID_CHARS else ""


def _check_sender(request: Request, wanted: str) -> None:
    """Let no page of another site act for a visitor, whose cookie comes with the call.

    A form can send what is not JSON from anywhere: then browsers have to say besides that it comes
    from here, if they say anything at all, as all have done for years. Programs say nothing.
    """
    refuse_foreign(request)
    headers = request.headers
    if headers.get("content-length", "0") == "0" and "transfer-encoding" not in headers:
        return
    media_type = headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != wanted:
        raise Malformed(f"The body's content type must be {wanted}.")
    if wanted != JSON and headers.get("sec-fetch-site", "none") not in FROM_HERE:
        raise NotAMember("This call comes from a page of another site.")


def refuse_foreign(request: Request) -> None:
    """Refuse what a page of another site asks for; raises NotAMember."""
    if is_foreign(request):
        raise NotAMember("This call comes from a page of another site.")


async def identity_of(request: Request) -> Identity:
    """Who makes this call; raises NotSignedIn."""
    token = session_cookie.token_of(request)
    identity = await sessions.identify(token)
    if identity is None:
        raise NotSignedIn("Sign in first.")
    context.note(session_id=identity.session_id, user_id=identity.user_id)
    return identity


def answer(content: Any, status: int = 200) -> Response:
    """A JSON answer, for nobody's cache."""
    return Response(
        orjson.dumps(content),
        status_code=status,
        headers={"Cache-Control": "no-store"},
        media_type="application/json",
    )


def done() -> Response:
    """The answer of a call that has nothing to tell."""
    return Response(status_code=204, headers={"Cache-Control": "no-store"})
