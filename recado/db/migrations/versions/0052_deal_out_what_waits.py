"""Deal out what waits."""

import sqlalchemy as sa
from alembic import op

revision = "0052"
down_revision = "0051"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "conversations",
        sa.Column("awaits_turn", sa.Boolean(), server_default=sa.text("false"), nullable=False),
    )
    op.create_index(
        "ix_conversations_awaiting_turn",
        "conversations",
        ["inbox_id", "id"],
        unique=False,
        postgresql_where=sa.text("awaits_turn"),
    )


def downgrade() -> None:
    op.drop_index(
        "ix_conversations_awaiting_turn",
        table_name="conversations",
        postgresql_where=sa.text("awaits_turn"),
    )
    op.drop_column("conversations", "awaits_turn")
