"""Add answers."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    json = postgresql.JSONB(astext_type=sa.Text())
    op.add_column("custom_actions", sa.Column("answers", json, server_default="{}", nullable=False))
    op.add_column("deliveries", sa.Column("answered", json, server_default="{}", nullable=False))
    op.add_column(
        "deliveries",
        sa.Column("awaits_answer", sa.Boolean(), server_default=sa.false(), nullable=False),
    )
    op.create_index(
        "ix_deliveries_awaits_answer",
        "deliveries",
        ["id"],
        postgresql_where=sa.text("awaits_answer and finished_at is not null"),
    )
    op.create_table(
        "field_histories",
        sa.Column("action_id", sa.BigInteger(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("recent", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["action_id"],
            ["custom_actions.id"],
            name=op.f("fk_field_histories_action_id_custom_actions"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("action_id", "path", name=op.f("pk_field_histories")),
    )


def downgrade() -> None:
    op.drop_table("field_histories")
    op.drop_index("ix_deliveries_awaits_answer", "deliveries")
    op.drop_column("deliveries", "awaits_answer")
    op.drop_column("deliveries", "answered")
    op.drop_column("custom_actions", "answers")
