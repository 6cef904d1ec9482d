"""photos and files"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "attachment",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("trip_id", sa.String(), sa.ForeignKey("trip.id"), nullable=False),
        sa.Column("uploader_id", sa.String(), sa.ForeignKey("user.id"), nullable=False),
        sa.Column("message_id", sa.String(), sa.ForeignKey("message.id")),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("blob", sa.String(), nullable=False, unique=True),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("thumb_size", sa.Integer()),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("about", sa.LargeBinary(), nullable=False),
    )
    op.create_index("ix_attachment_trip_id", "attachment", ["trip_id"])
    op.create_index(
        "ix_attachment_message_id_created_at", "attachment", ["message_id", "created_at"]
    )
    op.create_index(
        "ix_attachment_uploader_id_message_id", "attachment", ["uploader_id", "message_id"]
    )


def downgrade() -> None:
    op.drop_table("attachment")
