from typing import ClassVar

from sqlalchemy import BigInteger, UniqueConstraint
from sqlmodel import Field, SQLModel

from tripchat.ids import new_id


class SignIn(SQLModel, table=True):
    """A browser that is signed in. `id` is the SHA-256 of its token: the table opens no session."""

    __tablename__: ClassVar[str] = "session"  # pyright: ignore[reportIncompatibleVariableOverride]
    __table_args__ = (UniqueConstraint("handle", name="uq_session_handle"),)

    id: str = Field(primary_key=True)
    handle: str = Field(default_factory=new_id)
    """What its person calls it by; it has nothing to do with the token."""
    user_id: str = Field(foreign_key="user.id", index=True)
    created_at: int = Field(sa_type=BigInteger)
    expires_at: int = Field(sa_type=BigInteger)
    last_seen_at: int = Field(sa_type=BigInteger)
    """Some minutes late: see `services.sessions.SEEN_EVERY`."""
    user_agent: str = ""
