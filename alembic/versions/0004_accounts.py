"""when a session was seen last, the name it goes by, and asking for a new password"""

import secrets
import time

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("session") as session:
        session.add_column(sa.Column("handle", sa.String()))
        session.add_column(sa.Column("last_seen_at", sa.BigInteger()))
    _fill()
    with op.batch_alter_table("session") as session:
        session.alter_column("handle", existing_type=sa.String(), nullable=False)
        session.alter_column("last_seen_at", existing_type=sa.BigInteger(), nullable=False)
        session.create_unique_constraint("uq_session_handle", ["handle"])

    op.create_table(
        "password_reset",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("user_id", sa.String(), sa.ForeignKey("user.id"), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
    )
    op.create_index("ix_password_reset_user_id", "password_reset", ["user_id"])


def _fill() -> None:
    """Nobody knows when a session was seen last: all of them are taken for seen now."""
    session = sa.table(
        "session", sa.column("id"), sa.column("handle"), sa.column("last_seen_at", sa.BigInteger())
    )
    connection = op.get_bind()
    now = time.time_ns() // 1_000_000
    given = [
        {"session": session_id, "name": secrets.token_urlsafe(9)}
        for session_id in connection.scalars(sa.select(session.c.id))
    ]
    if given:
        connection.execute(
            sa.update(session)
            .where(session.c.id == sa.bindparam("session"))
            .values(handle=sa.bindparam("name"), last_seen_at=now),
            given,
        )


def downgrade() -> None:
    op.drop_table("password_reset")
    with op.batch_alter_table("session") as session:
        session.drop_constraint("uq_session_handle", type_="unique")
        session.drop_column("last_seen_at")
        session.drop_column("handle")
