"""What can be done, and who may: the one table that every call and every event goes by.

A route names its act in `api`, a state's handler in `state`; what names none is refused at the
door. The door lets in whoever may at all; what depends on the trip is decided by `access` in the
transaction that reads or writes, where nothing can change in between.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Who(Enum):
    """Those who may do something."""

    ANYBODY = "anybody"
    OPERATOR = "whoever runs the site"
    SIGNED_IN = "whoever is signed in"
    MEMBER = "the trip's members"
    OWNER = "the member whose it is"
    OWNER_OR_ORGANISER = "the member whose it is, and the trip's organisers"
    ORGANISER = "the trip's organisers"

    @property
    def is_somebody(self) -> bool:
        """Whether one has to be signed in."""
        return self not in (Who.ANYBODY, Who.OPERATOR)

    @property
    def is_of_a_trip(self) -> bool:
        """Whether one has to be in the trip that it is about."""
        return self.is_somebody and self is not Who.SIGNED_IN

    @property
    def is_about_whose(self) -> bool:
        """Whether it matters to whom belongs what it is about."""
        return self in (Who.OWNER, Who.OWNER_OR_ORGANISER)


@dataclass(frozen=True)
class Act:
    """Something that can be done; extensions have acts of their own."""

    name: str
    who: Who
    refusal: str = "You may not do that in this trip."
    """What a member reads who may not."""


SIGN_UP = Act("sign up", Who.ANYBODY)
SIGN_IN = Act("sign in", Who.ANYBODY)
SIGN_OUT = Act("sign out", Who.ANYBODY)
SEE_HEALTH = Act("see whether the site works", Who.ANYBODY)
READ_METRICS = Act("read the metrics", Who.OPERATOR)

CONNECT = Act("open a page's connection", Who.ANYBODY)
USE_PAGE = Act("use a page by oneself", Who.ANYBODY)
"""Nobody else sees anything of it, and nothing is stored."""

SEE_SELF = Act("see one's account", Who.SIGNED_IN)
RENAME_SELF = Act("take another name", Who.SIGNED_IN)
LIST_TRIPS = Act("list one's trips", Who.SIGNED_IN)
MAKE_TRIP = Act("make a trip", Who.SIGNED_IN)

LOOK_AT_INVITE = Act("look at an invite", Who.ANYBODY)
ACCEPT_INVITE = Act("accept an invite", Who.SIGNED_IN)
INVITE = Act("invite to a trip", Who.MEMBER)
LIST_INVITES = Act("list a trip's invites", Who.MEMBER)
REVOKE_INVITE = Act(
    "revoke an invite",
    Who.OWNER_OR_ORGANISER,
    "Only who made an invite or an organiser can revoke it.",
)

OPEN_TRIP = Act("open a trip", Who.MEMBER)
CHANGE_TRIP = Act("change a trip", Who.ORGANISER, "Only an organiser can change the trip.")
LEAVE = Act("leave a trip", Who.MEMBER)
REMOVE_MEMBER = Act(
    "remove a member",
    Who.OWNER_OR_ORGANISER,
    "Only an organiser can remove others from a trip.",
)

READ = Act("read messages", Who.MEMBER)
FOLLOW = Act("follow a trip", Who.MEMBER)
READ_VERSIONS = Act("read what a message said before", Who.MEMBER)
MARK_READ = Act("mark as read", Who.MEMBER)
TYPE = Act("be seen typing", Who.MEMBER)
SEND = Act("send a message", Who.MEMBER)
REACT = Act("react to a message", Who.MEMBER)
EDIT = Act("edit a message", Who.OWNER, "Only who wrote a message can change what it says.")
DELETE_MESSAGE = Act(
    "delete a message",
    Who.OWNER_OR_ORGANISER,
    "Only who wrote a message or an organiser can delete it.",
)
READ_RECEIPT = Act(
    "read a receipt",
    Who.OWNER,
    "Only who wrote a message can see how many people it reached.",
)
