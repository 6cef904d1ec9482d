from typing import ClassVar

from sqlalchemy import BigInteger
from sqlmodel import Field, SQLModel


class PasswordReset(SQLModel, table=True):
    """A link by which somebody may set a new password, once. `id` is its token's SHA-256."""

    __tablename__: ClassVar[str] = "password_reset"  # pyright: ignore[reportIncompatibleVariableOverride]

    id: str = Field(primary_key=True)
    user_id: str = Field(foreign_key="user.id", index=True)
    expires_at: int = Field(sa_type=BigInteger)
