"""what organisers did, and what is being erased"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

PRIVATE = {"user": ("name", "email"), "trip": ("title", "destination")}
"""What has to be gone when it is erased: PostgreSQL keeps samples of what it has statistics of."""


def upgrade() -> None:
    op.create_table(
        "audit_entry",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True),
        sa.Column("trip_id", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("actor_id", sa.String(), nullable=False),
        sa.Column("deed", sa.String(), nullable=False),
        sa.Column("person_id", sa.String()),
        sa.Column("seq", sa.BigInteger()),
        sa.Column("fields", sa.String()),
    )
    op.create_index("ix_audit_entry_trip_id_id", "audit_entry", ["trip_id", "id"])
    op.create_table(
        "erasure",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("begun_at", sa.BigInteger(), nullable=False),
    )
    if op.get_bind().dialect.name == "postgresql":
        for table, columns in PRIVATE.items():
            for column in columns:
                op.execute(f'ALTER TABLE "{table}" ALTER COLUMN {column} SET STATISTICS 0')


def downgrade() -> None:
    op.drop_table("erasure")
    op.drop_table("audit_entry")
