from typing import ClassVar

from sqlalchemy import BigInteger
from sqlmodel import Field, SQLModel


class SignIn(SQLModel, table=True):
    """A browser that is signed in. `id` is the SHA-256 of its token: the table opens no session."""

    __tablename__: ClassVar[str] = "session"  # pyright: ignore[reportIncompatibleVariableOverride]

    id: str = Field(primary_key=True)
    user_id: str = Field(foreign_key="user.id", index=True)
    created_at: int = Field(sa_type=BigInteger)
    expires_at: int = Field(sa_type=BigInteger)
    user_agent: str = ""
