from typing import Literal

from sqlalchemy import BigInteger, Index, Integer, String
from sqlmodel import Field, SQLModel

Deed = Literal["member-removed", "message-deleted", "invite-revoked", "trip-changed", "trip-erased"]


class AuditEntry(SQLModel, table=True):
    """Something that an organiser did, by ids alone; it is written once and never changed.

    It refers to nothing: what it tells of may be gone.
    """

    __tablename__ = "audit_entry"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (Index("ix_audit_entry_trip_id_id", "trip_id", "id"),)

    id: int | None = Field(
        default=None,
        primary_key=True,
        sa_type=BigInteger().with_variant(Integer(), "sqlite"),  # pyright: ignore
    )
    trip_id: str
    at: int = Field(sa_type=BigInteger)
    actor_id: str
    deed: Deed = Field(sa_type=String)
    person_id: str | None = None
    """Whom it is about: who was removed, who wrote the message, who made the invite."""
    seq: int | None = Field(default=None, sa_type=BigInteger)
    """Which message."""
    fields: str | None = None
    """What of the trip was changed: names of columns, separated by commas."""
