"""Add policies."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "custom_actions",
        sa.Column(
            "policy", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False
        ),
    )
    op.add_column(
        "custom_actions",
        sa.Column("holds_calls", sa.Boolean(), server_default=sa.false(), nullable=False),
    )
    op.add_column(
        "custom_actions",
        sa.Column("notice", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
    )
    op.add_column(
        "deliveries",
        sa.Column(
            "policy", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False
        ),
    )
    op.add_column("deliveries", sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("deliveries", sa.Column("held_until", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("deliveries", "held_until")
    op.drop_column("deliveries", "expires_at")
    op.drop_column("deliveries", "policy")
    op.drop_column("custom_actions", "notice")
    op.drop_column("custom_actions", "holds_calls")
    op.drop_column("custom_actions", "policy")
