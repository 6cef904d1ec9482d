from sqlalchemy import BigInteger
from sqlmodel import Field, SQLModel


class Invite(SQLModel, table=True):
    """A link that lets people join a trip, until it is revoked, expires or is used up."""

    code: str = Field(primary_key=True)
    trip_id: str = Field(foreign_key="trip.id", index=True)
    created_by: str = Field(foreign_key="user.id")
    created_at: int = Field(sa_type=BigInteger)
    expires_at: int | None = Field(default=None, sa_type=BigInteger)
    max_uses: int | None = None
    uses: int = 0
    revoked_at: int | None = Field(default=None, sa_type=BigInteger)
