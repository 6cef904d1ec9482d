"""The tables. Moments (`*_at`) are UTC milliseconds since the epoch; ids are random text."""

from tripchat.models.invite import Invite
from tripchat.models.member import Member, Role
from tripchat.models.message import Message
from tripchat.models.seal import Seal
from tripchat.models.session import SignIn
from tripchat.models.trip import Trip
from tripchat.models.user import User

__all__ = ["Invite", "Member", "Message", "Role", "Seal", "SignIn", "Trip", "User"]
