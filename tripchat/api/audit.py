"""What a trip's organisers did."""

from starlette.requests import Request
from starlette.responses import Response

from tripchat.api.endpoint import Call, answer
from tripchat.api.moments import iso
from tripchat.api.numbers import number
from tripchat.services import acts, auditing
from tripchat.services.sessions import Identity


async def page(request: Request, identity: Identity) -> Response:
    limit = number(request, "limit")
    found = await auditing.page(
        identity.user_id,
        request.path_params["trip_id"],
        before=number(request, "before"),
        limit=auditing.PER_PAGE if limit is None else limit,
    )
    entries = [{**entry, "at": iso(entry["at"])} for entry in found["entries"]]
    return answer({"entries": entries, "complete": found["complete"]})


routes = [Call(acts.READ_AUDIT, "GET", "/api/trips/{trip_id}/audit", page)]
