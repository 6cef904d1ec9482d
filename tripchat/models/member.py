from typing import Literal

from sqlalchemy import BigInteger, Index, String
from sqlmodel import Field, SQLModel

from tripchat.clock import now

Role = Literal["organiser", "member"]


class Member(SQLModel, table=True):
    """A person's place in a trip. It stays when they leave: their old messages keep a name."""

    __table_args__ = (Index("ix_member_user_id_trip_id", "user_id", "trip_id"),)

    trip_id: str = Field(foreign_key="trip.id", primary_key=True)
    user_id: str = Field(foreign_key="user.id", primary_key=True)
    role: Role = Field(default="member", sa_type=String)
    joined_at: int = Field(default_factory=now, sa_type=BigInteger)
    left_at: int | None = Field(default=None, sa_type=BigInteger)
    removed_by: str | None = Field(default=None, foreign_key="user.id")
    """Who removed them; None for those who left on their own."""
    read_seq: int = Field(default=0, sa_type=BigInteger)
    """They have read up to and including the message with this `seq`."""
