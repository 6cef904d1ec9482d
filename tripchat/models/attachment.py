from sqlalchemy import BigInteger, Index, LargeBinary
from sqlmodel import Field, SQLModel


class Attachment(SQLModel, table=True):
    """A photo or file, from its upload on; `message_id` is None until a message has it.

    `key` is the random key of its bytes, sealed for `files/<id>/key`; `about` is what it is called
    and is (JSON: name, type, width, height), sealed for `files/<id>/about`. Both are sealed by
    `tripchat.sealing` like messages: whoever rotates the master key re-seals these two columns, and
    no blob is touched.
    """

    __table_args__ = (
        Index("ix_attachment_message_id_created_at", "message_id", "created_at"),
        Index("ix_attachment_uploader_id_message_id", "uploader_id", "message_id"),
    )

    id: str = Field(primary_key=True)
    trip_id: str = Field(foreign_key="trip.id", index=True)
    uploader_id: str = Field(foreign_key="user.id")
    message_id: str | None = Field(default=None, foreign_key="message.id")
    created_at: int = Field(sa_type=BigInteger)
    blob: str = Field(unique=True)
    """The name of its bytes in the store."""
    size: int = Field(sa_type=BigInteger)
    """Of its bytes, unsealed."""
    thumb_size: int | None = None
    """Of a photo's thumbnail, unsealed, which is the blob `<blob>t`."""
    key: bytes = Field(sa_type=LargeBinary)
    about: bytes = Field(sa_type=LargeBinary)
