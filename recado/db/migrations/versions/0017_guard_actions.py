"""Guard actions."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "custom_actions", sa.Column("trusted_until", sa.DateTime(timezone=True), nullable=True)
    )
    op.create_table(
        "hours_of_calls",
        sa.Column("action_id", sa.BigInteger(), nullable=False),
        sa.Column("hour", sa.DateTime(timezone=True), nullable=False),
        sa.Column("calls", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["action_id"],
            ["custom_actions.id"],
            name=op.f("fk_hours_of_calls_action_id_custom_actions"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("action_id", "hour", name=op.f("pk_hours_of_calls")),
    )


def downgrade() -> None:
    op.drop_table("hours_of_calls")
    op.drop_column("custom_actions", "trusted_until")
