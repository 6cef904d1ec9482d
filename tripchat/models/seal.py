from sqlalchemy import LargeBinary
from sqlmodel import Field, SQLModel


class Seal(SQLModel, table=True):
    """One row with a known text sealed under the master key: it tells a wrong key at start."""

    id: int = Field(default=1, primary_key=True)
    known: bytes = Field(sa_type=LargeBinary)
