"""What every call has in common: its act, who may make it, how often; refusals become problems."""

from collections.abc import Awaitable, Callable
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tripchat.api import session_cookie
from tripchat.api.origin import address_of, is_foreign
from tripchat.api.problem import problem, unexpected
from tripchat.errors import Malformed, NotAMember, NotSignedIn, Refused
from tripchat.ids import ID_CHARS, looks_like_id
from tripchat.observability import context
from tripchat.services import limiting, sessions
from tripchat.services.acts import Act
from tripchat.services.sessions import Identity

Handler = Callable[..., Awaitable[Response]]
"""Takes the request and, of an act that takes somebody who is signed in, their `Identity`."""

READING = {"GET", "HEAD"}

JSON = "application/json"
"""The one type of bodies that no page of another site can send without asking first."""


class Call(Route):
    """A route with the act that it stands for."""

    def __init__(
        self, act: Act, method: str, path: str, handler: Handler, *, media_type: str = JSON
    ) -> None:
        """`handler` answers when this act may be done at all, and a body is of this type."""

        async def endpoint(request: Request) -> Response:
            context.note(trip_id=_trip_id(request))
            try:
                if request.method not in READING:
                    _check_sender(request, media_type)
                await limiting.check(act.limit, address=address_of(request))
                if not act.who.is_somebody:
                    return await handler(request)
                identity = await identity_of(request)
                await limiting.check(act.limit, person=identity.user_id)
                return await handler(request, identity)
            except Refused as refused:
                return problem(refused)
            except Exception as error:
                return unexpected(error)

        super().__init__(path, endpoint, methods=[method], name=f"{method} {path}")
        self.act = act


def _trip_id(request: Request) -> str:
    """The trip that an address names, for the logs; anybody can ask for anything."""
    trip_id = request.path_params.get("trip_id", "")
    return trip_id if looks_like_id(trip_id) and len(trip_id) == ID_CHARS else ""


def _check_sender(request: Request, wanted: str) -> None:
    """Let no page of another site act for a visitor, whose cookie comes with the call."""
    refuse_foreign(request)
    headers = request.headers
    if headers.get("content-length", "0") == "0" and "transfer-encoding" not in headers:
        return
    media_type = headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != wanted:
        raise Malformed(f"The body's content type must be {wanted}.")


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
