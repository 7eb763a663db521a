"""Share lanes, keep order."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("deliveries", sa.Column("ordering", sa.Text(), nullable=True))
    op.add_column("deliveries", sa.Column("fingerprint", sa.Text(), nullable=True))
    op.create_index(
        "ix_deliveries_waiting",
        "deliveries",
        ["lane", "account_id", sa.literal_column("coalesce(action_id, 0)"), "due_at"],
        postgresql_where=sa.text("state = 'pending'"),
    )
    op.create_index(
        "ix_deliveries_order",
        "deliveries",
        ["action_id", "conversation_id", "id"],
        postgresql_where=sa.text("state = 'pending' and ordering is not null"),
    )
    op.create_index(
        "ix_deliveries_same",
        "deliveries",
        ["action_id", "fingerprint", "created_at"],
        postgresql_where=sa.text("fingerprint is not null"),
    )
    op.drop_index("ix_deliveries_due", "deliveries")
    op.create_table(
        "allowances",
        sa.Column("action_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("calls", sa.BigInteger(), nullable=False),
        sa.Column("seconds", sa.BigInteger(), nullable=False),
        sa.Column("used", sa.BigInteger(), nullable=False),
        sa.Column("window_ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("action_id", name=op.f("pk_allowances")),
    )


def downgrade() -> None:
    op.drop_table("allowances")
    op.create_index(
        "ix_deliveries_due",
        "deliveries",
        ["lane", "due_at"],
        postgresql_where=sa.text("state = 'pending'"),
    )
    op.drop_index("ix_deliveries_same", "deliveries")
    op.drop_index("ix_deliveries_order", "deliveries")
    op.drop_index("ix_deliveries_waiting", "deliveries")
    op.drop_column("deliveries", "fingerprint")
    op.drop_column("deliveries", "ordering")
