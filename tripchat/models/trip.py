from datetime import date

from sqlalchemy import BigInteger
from sqlmodel import Field, SQLModel

from tripchat.clock import now
from tripchat.ids import new_id


class Trip(SQLModel, table=True):
    """A trip and its one channel. `last_seq` is its newest message's `seq`, 0 without one.

    `last_rev` counts what happened to its messages: each new one, edit, deletion and reaction is
    the next `rev`.
    """

    id: str = Field(default_factory=new_id, primary_key=True)
    title: str
    destination: str | None = None
    starts_on: date | None = None
    ends_on: date | None = None
    time_zone: str | None = None
    last_seq: int = Field(default=0, sa_type=BigInteger)
    last_rev: int = Field(default=0, sa_type=BigInteger)
    created_by: str = Field(foreign_key="user.id")
    created_at: int = Field(default_factory=now, sa_type=BigInteger)
