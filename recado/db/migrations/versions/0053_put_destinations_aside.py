"""Put destinations aside."""

import sqlalchemy as sa
from alembic import op

revision = "0053"
down_revision = "0052"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "lane_limits", sa.Column("rests_until", sa.DateTime(timezone=True), nullable=True)
    )
    op.add_column("lane_limits", sa.Column("rests_by", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("lane_limits", "rests_by")
    op.drop_column("lane_limits", "rests_until")
