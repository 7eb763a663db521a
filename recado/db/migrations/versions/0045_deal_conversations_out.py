"""Deal conversations out."""

import sqlalchemy as sa
from alembic import op

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "inbox_members", sa.Column("turn", sa.BigInteger(), server_default="0", nullable=False)
    )
    op.add_column(
        "inboxes",
        sa.Column("deals_out", sa.Boolean(), server_default=sa.text("false"), nullable=False),
    )
    op.add_column("inboxes", sa.Column("most_dealt", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    op.drop_column("inboxes", "most_dealt")
    op.drop_column("inboxes", "deals_out")
    op.drop_column("inbox_members", "turn")
