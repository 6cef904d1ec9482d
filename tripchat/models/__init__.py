"""The tables. Moments (`*_at`) are UTC milliseconds since the epoch; ids are random text."""

from tripchat.models.attachment import Attachment
from tripchat.models.audit_entry import AuditEntry, Deed
from tripchat.models.erasure import Erasure
from tripchat.models.invite import Invite
from tripchat.models.member import Member, Role
from tripchat.models.mention import Mention
from tripchat.models.message import Message
from tripchat.models.password_reset import PasswordReset
from tripchat.models.reaction import Reaction
from tripchat.models.seal import Seal
from tripchat.models.session import SignIn
from tripchat.models.trip import Trip
from tripchat.models.user import User
from tripchat.models.version import Version

__all__ = [
    "Attachment",
    "AuditEntry",
    "Deed",
    "Erasure",
    "Invite",
    "Member",
    "Mention",
    "Message",
    "PasswordReset",
    "Reaction",
    "Role",
    "Seal",
    "SignIn",
    "Trip",
    "User",
    "Version",
]
