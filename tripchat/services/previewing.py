"""What a message's link leads to, stored with the message: sealed in its body, beside the text.

It is no edit: nobody has changed what the message says. An edit keeps it as long as the link stays.
"""

from typing import Any

import orjson
from sqlalchemy import Connection

from tripchat import db, hub, kinds
from tripchat.errors import NotFound
from tripchat.sealing import SealBroken, sealer
from tripchat.services import changing, opening
from tripchat.views import MessageView, Preview

Body = dict[str, Any]


def wanted(message: MessageView) -> str | None:
    """The link of which a message should show what it leads to; None when it does, or has none."""
    if message.get("deleted"):
        return None
    link = kinds.kind(message["kind"]).link(message["body"])
    shown = message["body"].get("preview")
    return None if shown and shown["url"] == link else link


async def attach(trip_id: str, seq: int, preview: Preview) -> None:
    """Show with a message what its link leads to, and tell everybody.

    Nothing happens to one that was deleted, or that has another link by now.
    """
    changed = await db.write(lambda link: _attach(link, trip_id, seq, preview))
    if changed is not None:
        hub.publish(hub.MessageChanged(trip_id, changed))


def _attach(connection: Connection, trip_id: str, seq: int, preview: Preview) -> MessageView | None:
    try:
        row = changing.stored_in(connection, trip_id, seq)
    except NotFound:
        return None
    if row is None or row.deleted_at is not None:
        return None
    try:
        body = orjson.loads(sealer().open(trip_id, row.id, row.body))
    except SealBroken:
        return None
    shown = with_preview(row.kind, body, preview)
    if shown == body:
        return None
    changing.set_values(
        connection,
        trip_id,
        seq,
        body=opening.closed(trip_id, row.id, shown),
        rev=changing.next_rev(connection, trip_id),
    )
    return changing.view_of(connection, trip_id, seq)


def taken_from(body: Body) -> Preview | None:
    """Take the preview out of a stored body: what is left is what was written."""
    return body.pop("preview", None)


def with_preview(kind_name: str, body: Body, preview: Preview | None) -> Body:
    """A body to store with a preview, if that is of its link."""
    kind = kinds.kind(kind_name)
    if preview is None or kind.link(kind.view(body)) != preview["url"]:
        return body
    return {**body, "preview": preview}
