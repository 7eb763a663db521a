"""Find the few notes that mention somebody by an index of them, not by reading every message."""

import sqlalchemy as sa
from alembic import op

revision = "0065"
down_revision = "0064"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_messages_mentioning",
        "messages",
        ["account_id", "conversation_id"],
        postgresql_where=sa.text("private and position('](mention://' in content) > 0"),
    )


def downgrade() -> None:
    op.drop_index("ix_messages_mentioning", table_name="messages")
