"""Add notifications."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "notifications",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("ways", postgresql.ARRAY(sa.TEXT()), nullable=False),
        sa.Column("conversation_id", sa.BigInteger(), nullable=True),
        sa.Column("message_id", sa.BigInteger(), nullable=True),
        sa.Column("action_id", sa.BigInteger(), nullable=True),
        sa.Column("by_user_id", sa.BigInteger(), nullable=True),
        sa.Column("times", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_activity_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("snoozed_until", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id", "user_id"],
            ["memberships.account_id", "memberships.user_id"],
            name=op.f("fk_notifications_account_id_user_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["action_id"],
            ["custom_actions.id"],
            name=op.f("fk_notifications_action_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["by_user_id"],
            ["users.id"],
            name=op.f("fk_notifications_by_user_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name=op.f("fk_notifications_conversation_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["message_id"],
            ["messages.id"],
            name=op.f("fk_notifications_message_id"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notifications")),
    )
    op.create_index(
        "ix_notifications_action_id",
        "notifications",
        ["action_id", "last_activity_at"],
        unique=False,
        postgresql_where=sa.text("action_id is not null"),
    )
    op.create_index(
        op.f("ix_notifications_conversation_id"), "notifications", ["conversation_id"], unique=False
    )
    op.create_index(
        "ix_notifications_last_activity_at", "notifications", ["last_activity_at"], unique=False
    )
    op.create_index(
        "ix_notifications_list",
        "notifications",
        ["account_id", "user_id", sa.literal_column("last_activity_at desc")],
        unique=False,
    )
    op.create_index(
        op.f("ix_notifications_message_id"), "notifications", ["message_id"], unique=False
    )
    op.create_index(op.f("ix_notifications_user_id"), "notifications", ["user_id"], unique=False)
    op.create_index(
        "uq_notifications_unread",
        "notifications",
        [
            "account_id",
            "user_id",
            "kind",
            sa.literal_column("coalesce(conversation_id, 0)"),
            sa.literal_column("coalesce(action_id, 0)"),
        ],
        unique=True,
        postgresql_where=sa.text("read_at is null"),
    )
    op.add_column(
        "memberships",
        sa.Column(
            "muted", postgresql.ARRAY(sa.TEXT()), server_default=sa.text("'{}'"), nullable=False
        ),
    )


def downgrade() -> None:
    op.drop_column("memberships", "muted")
    op.drop_index(
        "uq_notifications_unread",
        table_name="notifications",
        postgresql_where=sa.text("read_at is null"),
    )
    op.drop_index(op.f("ix_notifications_user_id"), table_name="notifications")
    op.drop_index(op.f("ix_notifications_message_id"), table_name="notifications")
    op.drop_index("ix_notifications_list", table_name="notifications")
    op.drop_index("ix_notifications_last_activity_at", table_name="notifications")
    op.drop_index(op.f("ix_notifications_conversation_id"), table_name="notifications")
    op.drop_index(
        "ix_notifications_action_id",
        table_name="notifications",
        postgresql_where=sa.text("action_id is not null"),
    )
    op.drop_table("notifications")
