"""Sign inboxes and bots."""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("inboxes", sa.Column("signing_ring", sa.BigInteger(), nullable=True))
    op.add_column("agent_bots", sa.Column("signing_ring", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    op.drop_column("agent_bots", "signing_ring")
    op.drop_column("inboxes", "signing_ring")
