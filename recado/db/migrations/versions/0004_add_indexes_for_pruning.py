"""Add indexes for pruning."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_deliveries_finished_at",
        "deliveries",
        ["finished_at"],
        unique=False,
        postgresql_where=sa.text("finished_at is not null"),
    )
    op.create_index(
        "ix_deliveries_held",
        "deliveries",
        ["held_until"],
        unique=False,
        postgresql_where=sa.text("state = 'held'"),
    )
    op.create_index("ix_events_processed_at", "events", ["processed_at"], unique=False)
    op.create_index("ix_rule_verdicts_created_at", "rule_verdicts", ["created_at"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_rule_verdicts_created_at", table_name="rule_verdicts")
    op.drop_index("ix_events_processed_at", table_name="events")
    op.drop_index(
        "ix_deliveries_held", table_name="deliveries", postgresql_where=sa.text("state = 'held'")
    )
    op.drop_index(
        "ix_deliveries_finished_at",
        table_name="deliveries",
        postgresql_where=sa.text("finished_at is not null"),
    )
