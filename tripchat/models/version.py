from sqlalchemy import BigInteger, ForeignKeyConstraint, LargeBinary
from sqlmodel import Field, SQLModel


class Version(SQLModel, table=True):
    """What an edited message said before. Sealed for its own number: it opens nowhere else."""

    __table_args__ = (ForeignKeyConstraint(["trip_id", "seq"], ["message.trip_id", "message.seq"]),)

    trip_id: str = Field(primary_key=True)
    seq: int = Field(primary_key=True, sa_type=BigInteger)
    number: int = Field(primary_key=True)
    """1 is the first version."""
    body: bytes = Field(sa_type=LargeBinary)
    written_at: int = Field(sa_type=BigInteger)
