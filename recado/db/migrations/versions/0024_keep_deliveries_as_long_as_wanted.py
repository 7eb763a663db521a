"""Keep deliveries as long as wanted."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "deliveries", sa.Column("keep_days", sa.BigInteger(), nullable=False, server_default="30")
    )
    op.add_column(
        "deliveries",
        sa.Column("drops_bodies", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.create_index(
        "ix_deliveries_keep_days",
        "deliveries",
        ["keep_days", "finished_at"],
        postgresql_where=sa.text("finished_at is not null"),
    )
    op.create_index(
        "ix_deliveries_drops_bodies",
        "deliveries",
        ["id"],
        postgresql_where=sa.text("drops_bodies and finished_at is not null"),
    )
    op.drop_index("ix_deliveries_finished_at", table_name="deliveries")


def downgrade() -> None:
    op.create_index(
        "ix_deliveries_finished_at",
        "deliveries",
        ["finished_at"],
        postgresql_where=sa.text("finished_at is not null"),
    )
    op.drop_index("ix_deliveries_drops_bodies", table_name="deliveries")
    op.drop_index("ix_deliveries_keep_days", table_name="deliveries")
    op.drop_column("deliveries", "drops_bodies")
    op.drop_column("deliveries", "keep_days")
