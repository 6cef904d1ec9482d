"""What happened, told to whoever listens: services publish after their commit.

With several workers each has its own hub. What is published on one of them goes out to the others
through `on_publish`, and is relayed there: everybody who subscribes hears both alike.
"""

import logging
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field

from tripchat.views import MessageView

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class MessageAdded:
    """A new message; for one trip these come in `seq` order."""

    trip_id: str
    message: MessageView = field(repr=False)  # what people write stays out of logs


@dataclass(frozen=True)
class MessageChanged:
    """A message was edited or deleted."""

    trip_id: str
    message: MessageView = field(repr=False)
    named_before: frozenset[str] = frozenset()
    """The ids of those whom it named until now."""


@dataclass(frozen=True)
class Reacted:
    """Somebody has put an emoji under a message, or taken it away."""

    trip_id: str
    seq: int
    rev: int
    user_id: str
    emoji: str
    there: bool


@dataclass(frozen=True)
class MembersChanged:
    """Somebody joined or left, or has another role."""

    trip_id: str


@dataclass(frozen=True)
class MemberLeft:
    """Somebody is no longer in a trip, by their own will or not: nothing of it may reach them."""

    trip_id: str
    user_id: str


@dataclass(frozen=True)
class ReadMoved:
    """Somebody has now read up to and including `seq`."""

    trip_id: str
    user_id: str
    seq: int


@dataclass(frozen=True)
class TripsChanged:
    """A person's list of trips has one more or one less."""

    user_id: str


@dataclass(frozen=True)
class SessionEnded:
    """A session was closed; its tabs have to go."""

    session_id: str
    renewed: bool = False
    """Whether the same browser has got another one: its tabs may come back at once."""


@dataclass(frozen=True)
class TripChanged:
    """A trip has another title, destination, days or time zone."""

    trip_id: str


@dataclass(frozen=True)
class TripErased:
    """A trip is no more; everybody in it has lost it already."""

    trip_id: str


@dataclass(frozen=True)
class PersonRenamed:
    """Somebody has another name, in all the trips that they are or were in."""

    user_id: str
    name: str
    trip_ids: tuple[str, ...]


@dataclass(frozen=True)
class Here:
    """Somebody has a trip open on one worker, or no longer."""

    worker_id: str
    trip_id: str
    user_id: str
    here: bool


@dataclass(frozen=True)
class Types:
    """Somebody presses keys in a tab of one worker, or no longer."""

    worker_id: str
    trip_id: str
    user_id: str
    there: bool


@dataclass(frozen=True)
class Everybody:
    """All who have a trip open on one worker, and all who type there."""

    worker_id: str
    here: dict[str, list[str]]
    """Their user ids by trip id."""
    typing: dict[str, list[str]]


@dataclass(frozen=True)
class Asked:
    """A worker hears the others from now on: each says who is with it."""


@dataclass(frozen=True)
class Missed:
    """Other workers may have told what was not heard here: only the database knows."""


MessageChange = MessageAdded | MessageChanged | Reacted
"""What a trip numbers with its `rev`; for one trip these come in that order from one process."""

Change = (
    MessageChange
    | MembersChanged
    | MemberLeft
    | ReadMoved
    | TripsChanged
    | TripChanged
    | TripErased
    | PersonRenamed
    | SessionEnded
    | Here
    | Types
    | Everybody
    | Asked
    | Missed
)
Subscriber = Callable[[Change], None]
Subscribers = dict[object, Subscriber]

_subscribers: Subscribers = {}
_publishers: Subscribers = {}


def subscribe(subscriber: Subscriber) -> Callable[[], None]:
    """Call `subscriber` with every change, after earlier subscribers; returns how to stop that."""
    return _add(_subscribers, subscriber)


def on_publish(publisher: Subscriber) -> Callable[[], None]:
    """Call `publisher` with every change of this process, before all subscribers.

    Returns how to stop that.
    """
    return _add(_publishers, publisher)


def _add(subscribers: Subscribers, subscriber: Subscriber) -> Callable[[], None]:
    subscription = object()
    subscribers[subscription] = subscriber

    def unsubscribe() -> None:
        subscribers.pop(subscription, None)

    return unsubscribe


def publish(change: Change) -> None:
    """Tell everybody, on all workers, at once. One who fails is logged and stops nobody."""
    _tell(_publishers, change)
    _tell(_subscribers, change)


def relay(change: Change) -> None:
    """Tell the subscribers of this worker alone what has happened elsewhere."""
    _tell(_subscribers, change)


def _tell(subscribers: Subscribers, change: Change) -> None:
    for subscriber in tuple(subscribers.values()):
        try:
            subscriber(change)
        except Exception as error:
            # Only where it failed: an exception's own text may quote the message.
            log.error(
                "a subscriber failed on %s: %s\n%s",
                type(change).__name__,
                type(error).__name__,
                "".join(traceback.format_tb(error.__traceback__)),
            )
