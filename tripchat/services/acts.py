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
    limit: str = ""
    """The limit that it counts for, see `tripchat.limits`; nothing for none, or for one that only
    who does it can count."""


SIGN_UP = Act("sign up", Who.ANYBODY, limit="sign_up")
SIGN_IN = Act("sign in", Who.ANYBODY)
SIGN_OUT = Act("sign out", Who.ANYBODY)
ASK_FOR_RESET = Act("ask for a link for a new password", Who.ANYBODY)
RESET_PASSWORD = Act("set a new password by such a link", Who.ANYBODY, limit="codes")
SEE_HEALTH = Act("see whether the site works", Who.ANYBODY)
READ_METRICS = Act("read the metrics", Who.OPERATOR)

CONNECT = Act("open a page's connection", Who.ANYBODY, limit="connections")
TALK = Act("say something over a page's connection", Who.ANYBODY)
"""Each event that is said there is an act of its own."""
USE_PAGE = Act("use a page by oneself", Who.ANYBODY, limit="reads")
"""Nobody else sees anything of it, and nothing is stored."""

SEE_SELF = Act("see one's account", Who.SIGNED_IN, limit="reads")
RENAME_SELF = Act("take another name", Who.SIGNED_IN, limit="others")
LIST_DEVICES = Act("list where one is signed in", Who.SIGNED_IN, limit="reads")
SIGN_OUT_ELSEWHERE = Act("sign out on another device", Who.SIGNED_IN, limit="others")
CHANGE_PASSWORD = Act("change one's password", Who.SIGNED_IN, limit="sign_in")
ERASE_SELF = Act("erase one's account", Who.SIGNED_IN, limit="sign_in")
LIST_TRIPS = Act("list one's trips", Who.SIGNED_IN, limit="reads")
MAKE_TRIP = Act("make a trip", Who.SIGNED_IN, limit="others")

LOOK_AT_INVITE = Act("look at an invite", Who.ANYBODY)
ACCEPT_INVITE = Act("accept an invite", Who.SIGNED_IN, limit="codes")
INVITE = Act("invite to a trip", Who.MEMBER, limit="invites")
LIST_INVITES = Act("list a trip's invites", Who.MEMBER, limit="reads")
REVOKE_INVITE = Act(
    "revoke an invite",
    Who.OWNER_OR_ORGANISER,
    "Only who made an invite or an organiser can revoke it.",
    limit="invites",
)

OPEN_TRIP = Act("open a trip", Who.MEMBER, limit="reads")
CHANGE_TRIP = Act(
    "change a trip", Who.ORGANISER, "Only an organiser can change the trip.", limit="others"
)
EXPORT_TRIP = Act("export a trip", Who.MEMBER, limit="files")
ERASE_TRIP = Act(
    "erase a trip", Who.ORGANISER, "Only an organiser can erase the trip.", limit="others"
)
READ_AUDIT = Act(
    "read what organisers did",
    Who.ORGANISER,
    "Only an organiser can see what organisers did.",
    limit="reads",
)
LEAVE = Act("leave a trip", Who.MEMBER, limit="others")
REMOVE_MEMBER = Act(
    "remove a member",
    Who.OWNER_OR_ORGANISER,
    "Only an organiser can remove others from a trip.",
    limit="others",
)

READ = Act("read messages", Who.MEMBER, limit="reads")
FOLLOW = Act("follow a trip", Who.MEMBER, limit="connections")
READ_VERSIONS = Act("read what a message said before", Who.MEMBER, limit="reads")
MARK_READ = Act("mark as read", Who.MEMBER, limit="markers")
TYPE = Act("be seen typing", Who.MEMBER, limit="typing")
SEND = Act("send a message", Who.MEMBER, limit="sends")
REACT = Act("react to a message", Who.MEMBER, limit="changes")
EDIT = Act(
    "edit a message",
    Who.OWNER,
    "Only who wrote a message can change what it says.",
    limit="changes",
)
DELETE_MESSAGE = Act(
    "delete a message",
    Who.OWNER_OR_ORGANISER,
    "Only who wrote a message or an organiser can delete it.",
    limit="changes",
)
UPLOAD = Act("upload a file", Who.MEMBER, limit="uploads")
READ_FILE = Act("read a file", Who.MEMBER, limit="files")
CANCEL_UPLOAD = Act(
    "take an upload back",
    Who.OWNER,
    "A message has this file: delete the message instead.",
    limit="uploads",
)
READ_RECEIPT = Act(
    "read a receipt",
    Who.OWNER,
    "Only who wrote a message can see how many people it reached.",
    limit="reads",
)
