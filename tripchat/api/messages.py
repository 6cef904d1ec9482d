"""Sending a message and reading some."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from tripchat.api import body
from tripchat.api.endpoint import answer, signed_in_route
from tripchat.api.moments import iso
from tripchat.errors import Invalid
from tripchat.services import messages
from tripchat.services.sessions import Identity
from tripchat.views import MessageView


class NewMessage(body.Body):
    client_id: str
    text: str | None = None
    kind: str = "text"
    body: dict[str, Any] | None = None
    """What a message of another kind says; a text needs only `text`."""
    reply_to_seq: int | None = None


async def send(request: Request, identity: Identity) -> Response:
    given = await body.read(request, NewMessage)
    sent = await messages.send(
        identity.user_id,
        request.path_params["trip_id"],
        given.client_id,
        kind=given.kind,
        body={"text": given.text} if given.body is None else given.body,
        reply_to_seq=given.reply_to_seq,
    )
    return answer(
        {
            "message_id": sent.message["id"],
            "client_id": sent.message["client_id"],
            "seq": sent.message["seq"],
            "sent_at": iso(sent.message["sent_at"]),
            "broadcast_at": iso(sent.broadcast_at),
        },
        200 if sent.repeated else 201,
    )


async def page(request: Request, identity: Identity) -> Response:
    limit = _number(request, "limit")
    found = await messages.page(
        identity.user_id,
        request.path_params["trip_id"],
        after=_number(request, "after"),
        before=_number(request, "before"),
        limit=messages.PER_PAGE if limit is None else limit,
    )
    return answer(
        {
            "messages": [_outside(message) for message in found["messages"]],
            "complete": found["complete"],
            "last_seq": found["last_seq"],
        }
    )


def _number(request: Request, name: str) -> int | None:
    value = request.query_params.get(name)
    if value is None:
        return None
    if not value.isascii() or not value.isdigit() or len(value) > 16:
        raise Invalid(f"{name} must be a whole number.", field=name)
    return int(value)


def _outside(message: MessageView) -> dict[str, Any]:
    seen: dict[str, Any] = {
        "message_id": message["id"],
        "client_id": message["client_id"],
        "seq": message["seq"],
        "author_id": message["author_id"],
        "kind": message["kind"],
        "body": message["body"],
        "sent_at": iso(message["sent_at"]),
    }
    if message["kind"] == "text":
        seen["text"] = message["body"]["text"]
    if "broadcast_at" in message:
        seen["broadcast_at"] = iso(message["broadcast_at"])
    if "reply_to_seq" in message:
        seen["reply_to_seq"] = message["reply_to_seq"]
    return seen


routes = [
    signed_in_route("POST", "/api/trips/{trip_id}/messages", send),
    signed_in_route("GET", "/api/trips/{trip_id}/messages", page),
]
