"""Every HTTP call, in one list."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match, Route

from tripchat.api import (
    account,
    attachments,
    audit,
    auth,
    erasing,
    events,
    export,
    health,
    invites,
    members,
    messages,
    metrics,
    resets,
    trips,
)
from tripchat.api.endpoint import Call
from tripchat.api.problem import NoSuchMethod, problem
from tripchat.errors import NotFound

_calls: list[Call] = [
    *auth.routes,
    *resets.routes,
    *account.routes,
    *trips.routes,
    *invites.routes,
    *members.routes,
    *messages.routes,
    *attachments.routes,
    *export.routes,
    *erasing.routes,
    *audit.routes,
    *events.routes,
    *health.routes,
    *metrics.routes,
]


async def _unknown(request: Request) -> Response:
    methods = {
        method
        for call in _calls
        if call.matches(request.scope)[0] is Match.PARTIAL
        for method in call.methods or ()
    }
    if not methods:
        return problem(NotFound("There is no such address."))
    response = problem(NoSuchMethod(f"{request.method} is not possible here."))
    response.headers["Allow"] = ", ".join(sorted(methods))
    return response


_anything = Route("/api/{path:path}", _unknown)
_anything.methods = None  # also those that nobody has heard of

# Last: what no call above takes gets an answer a program can read, not the site's page.
routes: list[Route] = [*_calls, _anything]
