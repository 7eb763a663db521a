"""Tell of failing inboxes."""

import sqlalchemy as sa
from alembic import op

revision = "0050"
down_revision = "0049"
branch_labels = None
depends_on = None

_KEY = ("account_id", "user_id", "kind")
_UNREAD = sa.text("read_at is null")


def upgrade() -> None:
    op.add_column("notifications", sa.Column("inbox_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key(
        op.f("fk_notifications_inbox_id"),
        "notifications",
        "inboxes",
        ["inbox_id"],
        ["id"],
        ondelete="CASCADE",
    )
    op.create_index(op.f("ix_notifications_inbox_id"), "notifications", ["inbox_id"], unique=False)
    _index_unread("coalesce(action_id, inbox_id, 0)")


def downgrade() -> None:
    op.execute("delete from notifications where inbox_id is not null")
    _index_unread("coalesce(action_id, 0)")
    op.drop_column("notifications", "inbox_id")


def _index_unread(about: str) -> None:
    op.drop_index("uq_notifications_unread", table_name="notifications", postgresql_where=_UNREAD)
    op.create_index(
        "uq_notifications_unread",
        "notifications",
        [*_KEY, sa.literal_column("coalesce(conversation_id, 0)"), sa.literal_column(about)],
        unique=True,
        postgresql_where=_UNREAD,
    )
