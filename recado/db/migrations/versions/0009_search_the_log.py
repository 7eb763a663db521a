"""Search the log."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("deliveries", sa.Column("last_status", sa.BigInteger(), nullable=True))
    op.execute(
        "update deliveries set last_status = (reason ->> 'status')::bigint"
        " where jsonb_typeof(reason -> 'status') = 'number'"
    )
    op.create_index(
        "ix_deliveries_bad_ends",
        "deliveries",
        ["account_id", "state", sa.literal_column("id desc")],
        unique=False,
        postgresql_where=sa.text(
            "state in ('failed', 'unknown', 'expired', 'skipped', 'cancelled')"
        ),
    )
    op.create_index(
        "ix_deliveries_created_at", "deliveries", ["account_id", "created_at"], unique=False
    )
    op.create_index(
        "ix_deliveries_lane",
        "deliveries",
        ["account_id", "lane", sa.literal_column("id desc")],
        unique=False,
    )
    op.create_index(
        "ix_deliveries_refused",
        "deliveries",
        ["account_id", "last_status", sa.literal_column("id desc")],
        unique=False,
        postgresql_where=sa.text("last_status >= 300"),
    )
    op.create_index(
        "ix_deliveries_tests",
        "deliveries",
        ["account_id", sa.literal_column("id desc")],
        unique=False,
        postgresql_where=sa.text("is_test"),
    )


def downgrade() -> None:
    op.drop_index(
        "ix_deliveries_tests", table_name="deliveries", postgresql_where=sa.text("is_test")
    )
    op.drop_index(
        "ix_deliveries_refused",
        table_name="deliveries",
        postgresql_where=sa.text("last_status >= 300"),
    )
    op.drop_index("ix_deliveries_lane", table_name="deliveries")
    op.drop_index("ix_deliveries_created_at", table_name="deliveries")
    op.drop_index(
        "ix_deliveries_bad_ends",
        table_name="deliveries",
        postgresql_where=sa.text(
            "state in ('failed', 'unknown', 'expired', 'skipped', 'cancelled')"
        ),
    )
    op.drop_column("deliveries", "last_status")
