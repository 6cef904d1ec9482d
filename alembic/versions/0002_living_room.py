"""edits, deletions, reactions, mentions"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("trip") as trip:
        trip.add_column(sa.Column("last_rev", sa.BigInteger()))
    # So far messages were only ever added: each was one change.
    op.execute("UPDATE trip SET last_rev = last_seq")
    with op.batch_alter_table("trip") as trip:
        trip.alter_column("last_rev", existing_type=sa.BigInteger(), nullable=False)

    with op.batch_alter_table("message") as message:
        message.add_column(sa.Column("rev", sa.BigInteger()))
        message.add_column(sa.Column("edited_at", sa.BigInteger()))
        message.add_column(sa.Column("deleted_at", sa.BigInteger()))
    op.execute("UPDATE message SET rev = seq")
    with op.batch_alter_table("message") as message:
        message.alter_column("rev", existing_type=sa.BigInteger(), nullable=False)
        message.create_unique_constraint("uq_message_trip_id_rev", ["trip_id", "rev"])

    op.create_table(
        "reaction",
        sa.Column("trip_id", sa.String(), primary_key=True),
        sa.Column("seq", sa.BigInteger(), primary_key=True),
        sa.Column("user_id", sa.String(), sa.ForeignKey("user.id"), primary_key=True),
        sa.Column("emoji", sa.String(), primary_key=True),
        sa.Column("rev", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["trip_id", "seq"], ["message.trip_id", "message.seq"]),
    )
    op.create_table(
        "mention",
        sa.Column("trip_id", sa.String(), primary_key=True),
        sa.Column("user_id", sa.String(), sa.ForeignKey("user.id"), primary_key=True),
        sa.Column("seq", sa.BigInteger(), primary_key=True),
        sa.ForeignKeyConstraint(["trip_id", "seq"], ["message.trip_id", "message.seq"]),
    )
    op.create_table(
        "version",
        sa.Column("trip_id", sa.String(), primary_key=True),
        sa.Column("seq", sa.BigInteger(), primary_key=True),
        sa.Column("number", sa.Integer(), primary_key=True),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("written_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["trip_id", "seq"], ["message.trip_id", "message.seq"]),
    )


def downgrade() -> None:
    for table in ("version", "mention", "reaction"):
        op.drop_table(table)
    with op.batch_alter_table("message") as message:
        message.drop_constraint("uq_message_trip_id_rev", type_="unique")
        for column in ("rev", "edited_at", "deleted_at"):
            message.drop_column(column)
    with op.batch_alter_table("trip") as trip:
        trip.drop_column("last_rev")
