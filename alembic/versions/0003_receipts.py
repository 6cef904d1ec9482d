"""when a message was broadcast, and how many people it reached"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Of what was sent before, nobody knows it. One by one and in place: no row is written anew.
    op.add_column("message", sa.Column("broadcast_at", sa.BigInteger()))
    op.add_column("message", sa.Column("reached", sa.Integer()))


def downgrade() -> None:
    with op.batch_alter_table("message") as message:
        message.drop_column("reached")
        message.drop_column("broadcast_at")
