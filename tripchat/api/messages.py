"""Messages: sending, reading, changing them, reacting to them."""

import re
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from tripchat.api import body
from tripchat.api.endpoint import Call, answer, done
from tripchat.api.moments import iso
from tripchat.api.numbers import number
from tripchat.errors import NotFound
from tripchat.services import acts, editing, messages, reactions
from tripchat.services.sessions import Identity
from tripchat.views import MessageView, Reactions


class NewMessage(body.Body):
    client_id: str
    text: str | None = None
    kind: str = "text"
    body: dict[str, Any] | None = None
    """What a message of another kind says; a text needs only `text`."""
    reply_to_seq: int | None = None
    mentions: list[str] | None = None
    """The ids of those whom a text names; without it `@` and a member's full name does."""
    attachment_ids: list[str] | None = None
    """The uploads that a text has; with some it needs no words."""

    @property
    def whole_body(self) -> dict[str, Any]:
        """What the message says, for its kind to check."""
        if self.body is not None:
            return self.body
        text = "" if self.text is None and self.attachment_ids else self.text
        return _given(text=text, mentions=self.mentions, attachments=self.attachment_ids)


class Edit(body.Body):
    text: str | None = None
    body: dict[str, Any] | None = None
    mentions: list[str] | None = None

    @property
    def whole_body(self) -> dict[str, Any]:
        """What the message says from now on, for its kind to check."""
        return _given(text=self.text, mentions=self.mentions) if self.body is None else self.body


def _given(**parts: Any) -> dict[str, Any]:
    return {name: value for name, value in parts.items() if value is not None}


async def send(request: Request, identity: Identity) -> Response:
    given = await body.read(request, NewMessage)
    sent = await messages.send(
        identity.user_id,
        request.path_params["trip_id"],
        given.client_id,
        kind=given.kind,
        body=given.whole_body,
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
    limit = number(request, "limit")
    found = await messages.page(
        identity.user_id,
        request.path_params["trip_id"],
        after=number(request, "after"),
        before=number(request, "before"),
        limit=messages.PER_PAGE if limit is None else limit,
    )
    return answer(
        {
            "messages": [outside(message) for message in found["messages"]],
            "complete": found["complete"],
            "last_seq": found["last_seq"],
        }
    )


def outside(message: MessageView) -> dict[str, Any]:
    """A message as other programs see it."""
    seen: dict[str, Any] = {
        "message_id": message["id"],
        "client_id": message["client_id"],
        "seq": message["seq"],
        "author_id": message["author_id"],
        "kind": message["kind"],
        "body": message["body"],
        "sent_at": iso(message["sent_at"]),
    }
    if message["kind"] == "text" and not message.get("deleted"):
        seen["text"] = message["body"]["text"]
        if files := message["body"].get("attachments"):
            seen["attachments"] = files
    for moment in ("broadcast_at", "edited_at"):
        if (at := message.get(moment)) is not None:
            seen[moment] = iso(at)
    for name in ("reply_to_seq", "quote", "deleted"):
        if (value := message.get(name)) is not None:
            seen[name] = value
    if "reactions" in message:
        seen["reactions"] = _by_emoji(message["reactions"])
    return seen


def _by_emoji(reactions: Reactions) -> list[dict[str, Any]]:
    """Each emoji with those who reacted with it; the first to come stands first."""
    added = sorted(
        (rev, emoji, user_id) for user_id, mine in reactions.items() for emoji, rev in mine.items()
    )
    users: dict[str, list[str]] = {}
    for _, emoji, user_id in added:
        users.setdefault(emoji, []).append(user_id)
    return [
        {"emoji": emoji, "count": len(user_ids), "user_ids": user_ids}
        for emoji, user_ids in users.items()
    ]


async def edit(request: Request, identity: Identity) -> Response:
    given = await body.read(request, Edit)
    message = await editing.edit(identity.user_id, *_place(request), given.whole_body)
    return answer(outside(message))


async def remove(request: Request, identity: Identity) -> Response:
    await editing.remove(identity.user_id, *_place(request))
    return done()


async def versions(request: Request, identity: Identity) -> Response:
    found = await editing.versions(identity.user_id, *_place(request))
    return answer([{**version, "written_at": iso(version["written_at"])} for version in found])


async def react(request: Request, identity: Identity) -> Response:
    await reactions.react(identity.user_id, *_place(request), request.path_params["emoji"])
    return done()


async def unreact(request: Request, identity: Identity) -> Response:
    await reactions.unreact(identity.user_id, *_place(request), request.path_params["emoji"])
    return done()


def _place(request: Request) -> tuple[str, int]:
    """The trip and the message's number that the address names."""
    seq = request.path_params["seq"]
    if not _SEQ.fullmatch(seq):
        raise NotFound("There is no such message in this trip.")
    return request.path_params["trip_id"], int(seq)


_SEQ = re.compile(r"[1-9][0-9]{0,14}", re.ASCII)
_MESSAGE = "/api/trips/{trip_id}/messages/{seq}"

routes = [
    Call(acts.SEND, "POST", "/api/trips/{trip_id}/messages", send),
    Call(acts.READ, "GET", "/api/trips/{trip_id}/messages", page),
    Call(acts.EDIT, "PUT", _MESSAGE, edit),
    Call(acts.DELETE_MESSAGE, "DELETE", _MESSAGE, remove),
    Call(acts.READ_VERSIONS, "GET", f"{_MESSAGE}/versions", versions),
    Call(acts.REACT, "PUT", f"{_MESSAGE}/reactions/{{emoji}}", react),
    Call(acts.REACT, "DELETE", f"{_MESSAGE}/reactions/{{emoji}}", unreact),
]
