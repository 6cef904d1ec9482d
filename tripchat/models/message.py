from sqlalchemy import BigInteger, LargeBinary, UniqueConstraint
from sqlmodel import Field, SQLModel


class Message(SQLModel, table=True):
    """One message. `body` is sealed (see `tripchat.sealing`); `seq` counts 1, 2, 3... per trip.

    `rev` is the trip's last change to this message. A deleted one keeps its place and nothing else:
    its body is empty. `broadcast_at` and `reached` are written a little later than the rest (see
    `tripchat.services.receipts`).
    """

    # client_id before author_id: looking for repeats asks for many client ids of one trip at once,
    # and these are all but unique by themselves.
    __table_args__ = (
        UniqueConstraint("trip_id", "seq", name="uq_message_trip_id_seq"),
        UniqueConstraint("trip_id", "rev", name="uq_message_trip_id_rev"),
        UniqueConstraint("trip_id", "client_id", "author_id", name="uq_message_client_id"),
    )

    id: str = Field(primary_key=True)
    trip_id: str = Field(foreign_key="trip.id")
    seq: int = Field(sa_type=BigInteger)
    rev: int = Field(sa_type=BigInteger)
    author_id: str = Field(foreign_key="user.id")
    client_id: str
    kind: str
    body: bytes = Field(sa_type=LargeBinary)
    reply_to_seq: int | None = Field(default=None, sa_type=BigInteger)
    sent_at: int = Field(sa_type=BigInteger)
    edited_at: int | None = Field(default=None, sa_type=BigInteger)
    deleted_at: int | None = Field(default=None, sa_type=BigInteger)
    broadcast_at: int | None = Field(default=None, sa_type=BigInteger)
    reached: int | None = None
