"""What services return: plain, JSON-ready. Moments are UTC milliseconds, days are ISO dates."""

from dataclasses import dataclass
from typing import Any, NotRequired, TypedDict

from tripchat.models import Deed, Role


class PersonView(TypedDict):
    user_id: str
    name: str
    email: str


class DeviceView(TypedDict):
    """A browser or program that somebody is signed in with."""

    session_id: str
    """What it is called; it opens nothing."""
    device: str
    current: bool
    """Whether it is the one that asks."""
    signed_in_at: int
    last_seen_at: int


class TripView(TypedDict):
    trip_id: str
    title: str
    destination: str | None
    starts_on: str | None
    ends_on: str | None
    time_zone: str | None
    last_seq: int
    role: Role
    """The role of the person who asked."""
    read_seq: int


class TripCard(TripView):
    """A trip in somebody's list; the `last_*` are None while nothing has been said."""

    last_line: str | None
    last_author: str | None
    last_author_id: str | None
    last_at: int | None
    member_count: int
    mentions: int
    """Unread messages that name the person."""


class MemberView(TypedDict):
    user_id: str
    name: str
    role: Role
    read_seq: int
    joined_at: int
    left: bool
    """True for those who are no longer in the trip: their old messages still need a name."""


class InviteView(TypedDict):
    code: str
    trip_id: str
    expires_at: int | None
    max_uses: int | None
    uses: int


class InviteLook(TypedDict):
    """What a person who was sent a link may know before they join."""

    code: str
    trip_id: str
    trip_title: str
    destination: str | None
    starts_on: str | None
    ends_on: str | None
    inviter_name: str
    member_count: int


Reactions = dict[str, dict[str, int]]
"""User id -> emoji -> the trip's change that brought it, by which they are put in order."""


class QuoteView(TypedDict):
    """What a reply shows of the message that it answers."""

    seq: int
    rev: int
    author_id: str
    line: str
    """The message in one line; empty when it was deleted."""
    deleted: bool


class Preview(TypedDict):
    """What a message's link leads to: text of somebody else's page, cleaned and short."""

    url: str
    """The link as the message has it."""
    site: str
    """The host where the page was found at last."""
    title: str
    description: str
    """Empty when the page has none."""


class MessageView(TypedDict):
    """A message as every member sees it; `body` is what its kind's `view` gives."""

    id: str
    client_id: str
    seq: int
    rev: int
    """The trip's last change to this message: of two views the one with the higher is newer."""
    author_id: str
    kind: str
    body: dict[str, Any]
    sent_at: int
    broadcast_at: NotRequired[int]
    """When it was told to the others; not known when the process ended before it was written."""
    reply_to_seq: NotRequired[int]
    quote: NotRequired[QuoteView]
    """The message with `reply_to_seq`."""
    edited_at: NotRequired[int]
    deleted: NotRequired[bool]
    """True for what is left of a deleted message; its `body` is empty."""
    reactions: NotRequired[Reactions]


class AttachmentView(TypedDict):
    """A photo or file, as who uploaded it is told, and as the bodies of messages say it."""

    attachment_id: str
    name: str
    type: str
    """A MIME type, decided by its content."""
    size: int
    """In bytes."""
    width: NotRequired[int]
    """Of a photo, in pixels."""
    height: NotRequired[int]


class ReceiptView(TypedDict):
    """What became of a message after it was stored, for its author; None where nobody knows."""

    broadcast_at: int | None
    reached: int | None
    """People besides the author."""


class VersionView(TypedDict):
    """What a message said before it was edited."""

    number: int
    kind: str
    body: dict[str, Any]
    written_at: int


class AuditView(TypedDict):
    """Something that an organiser did; who is not known any more has no name."""

    entry_id: int
    at: int
    deed: Deed
    actor_id: str
    actor_name: str | None
    person_id: str | None
    """Whom it is about: who was removed, who wrote the message, who made the invite."""
    person_name: str | None
    seq: int | None
    """Which message."""
    fields: list[str]
    """What of the trip was changed."""


class AuditPage(TypedDict):
    entries: list[AuditView]
    """Newest first."""
    complete: bool
    """Whether there is nothing before them."""


class MessagePage(TypedDict):
    messages: list[MessageView]
    """In `seq` order."""
    complete: bool
    """Whether nothing is left out of what was asked for."""
    last_seq: int
    last_rev: int
    """The trip's changes up to this one are in the messages; later ones may be."""


class MessageChanges(TypedDict):
    messages: list[MessageView]
    """In the order of `rev`."""
    complete: bool
    """Whether no more have changed."""
    last_rev: int
    """As in a page."""


@dataclass(frozen=True)
class Sent:
    """The answer to a send; `repeated` when this client id had been stored before."""

    message: MessageView
    broadcast_at: int
    repeated: bool
