from typing import Literal

from sqlalchemy import BigInteger, String
from sqlmodel import Field, SQLModel

from tripchat.clock import now


class Erasure(SQLModel, table=True):
    """Something that is being erased: it is closed to everybody, and not all of it is gone yet."""

    id: str = Field(primary_key=True)
    """The trip's, or the person's."""
    what: Literal["trip", "person"] = Field(sa_type=String)
    begun_at: int = Field(default_factory=now, sa_type=BigInteger)
