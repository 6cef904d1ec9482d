"""people, trips, messages"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "user",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=False, unique=True),
        sa.Column("password_hash", sa.String(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
    )
    op.create_table(
        "session",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("user_id", sa.String(), sa.ForeignKey("user.id"), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("user_agent", sa.String(), nullable=False),
    )
    op.create_index("ix_session_user_id", "session", ["user_id"])
    op.create_table(
        "trip",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("destination", sa.String()),
        sa.Column("starts_on", sa.Date()),
        sa.Column("ends_on", sa.Date()),
        sa.Column("time_zone", sa.String()),
        sa.Column("last_seq", sa.BigInteger(), nullable=False),
        sa.Column("created_by", sa.String(), sa.ForeignKey("user.id"), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
    )
    op.create_table(
        "invite",
        sa.Column("code", sa.String(), primary_key=True),
        sa.Column("trip_id", sa.String(), sa.ForeignKey("trip.id"), nullable=False),
        sa.Column("created_by", sa.String(), sa.ForeignKey("user.id"), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger()),
        sa.Column("max_uses", sa.Integer()),
        sa.Column("uses", sa.Integer(), nullable=False),
        sa.Column("revoked_at", sa.BigInteger()),
    )
    op.create_index("ix_invite_trip_id", "invite", ["trip_id"])
    op.create_table(
        "member",
        sa.Column("trip_id", sa.String(), sa.ForeignKey("trip.id"), primary_key=True),
        sa.Column("user_id", sa.String(), sa.ForeignKey("user.id"), primary_key=True),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("joined_at", sa.BigInteger(), nullable=False),
        sa.Column("left_at", sa.BigInteger()),
        sa.Column("removed_by", sa.String(), sa.ForeignKey("user.id")),
        sa.Column("read_seq", sa.BigInteger(), nullable=False),
    )
    op.create_index("ix_member_user_id_trip_id", "member", ["user_id", "trip_id"])
    op.create_table(
        "message",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("trip_id", sa.String(), sa.ForeignKey("trip.id"), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("author_id", sa.String(), sa.ForeignKey("user.id"), nullable=False),
        sa.Column("client_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("reply_to_seq", sa.BigInteger()),
        sa.Column("sent_at", sa.BigInteger(), nullable=False),
        sa.UniqueConstraint("trip_id", "seq", name="uq_message_trip_id_seq"),
        sa.UniqueConstraint("trip_id", "client_id", "author_id", name="uq_message_client_id"),
    )
    op.create_table(
        "seal",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("known", sa.LargeBinary(), nullable=False),
    )


def downgrade() -> None:
    for table in ("seal", "message", "member", "invite", "trip", "session", "user"):
        op.drop_table(table)
