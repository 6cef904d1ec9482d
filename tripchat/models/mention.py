from sqlalchemy import BigInteger, ForeignKeyConstraint
from sqlmodel import Field, SQLModel


class Mention(SQLModel, table=True):
    """Somebody named in a message. What the message says of them is sealed in its body."""

    __table_args__ = (ForeignKeyConstraint(["trip_id", "seq"], ["message.trip_id", "message.seq"]),)

    # In this order the unread ones of one person are a range of the key.
    trip_id: str = Field(primary_key=True)
    user_id: str = Field(primary_key=True, foreign_key="user.id")
    seq: int = Field(primary_key=True, sa_type=BigInteger)
