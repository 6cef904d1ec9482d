from sqlalchemy import BigInteger
from sqlmodel import Field, SQLModel

from tripchat.clock import now
from tripchat.ids import new_id


class User(SQLModel, table=True):
    """A person with an account. `email` is stored lower-case, `password_hash` is argon2id."""

    id: str = Field(default_factory=new_id, primary_key=True)
    name: str
    email: str = Field(unique=True)
    password_hash: str
    created_at: int = Field(default_factory=now, sa_type=BigInteger)
