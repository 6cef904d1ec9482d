from sqlalchemy import BigInteger, ForeignKeyConstraint
from sqlmodel import Field, SQLModel


class Reaction(SQLModel, table=True):
    """One person's emoji under a message; `rev` is the trip's change that brought it."""

    __table_args__ = (ForeignKeyConstraint(["trip_id", "seq"], ["message.trip_id", "message.seq"]),)

    trip_id: str = Field(primary_key=True)
    seq: int = Field(primary_key=True, sa_type=BigInteger)
    user_id: str = Field(primary_key=True, foreign_key="user.id")
    emoji: str = Field(primary_key=True)
    rev: int = Field(sa_type=BigInteger)
