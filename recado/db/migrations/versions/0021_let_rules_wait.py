"""Let rules wait."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "rule_timers",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("rule_id", sa.BigInteger(), nullable=False),
        sa.Column("conversation_id", sa.BigInteger(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("event_id", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kept", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("cause", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("fired_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["accounts.id"],
            name=op.f("fk_rule_timers_account_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name=op.f("fk_rule_timers_conversation_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["rule_id"],
            ["automation_rules.id"],
            name=op.f("fk_rule_timers_rule_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule_timers")),
        sa.UniqueConstraint(
            "rule_id",
            "conversation_id",
            "since",
            "event_id",
            name=op.f("uq_rule_timers_rule_id_conversation_id_since_event_id"),
        ),
    )
    op.create_index(
        "ix_rule_timers_due_at",
        "rule_timers",
        ["due_at"],
        unique=False,
        postgresql_where=sa.text("fired_at is null"),
    )
    op.create_index("ix_rule_timers_fired_at", "rule_timers", ["fired_at"], unique=False)
    op.add_column("automation_rules", sa.Column("delay_minutes", sa.BigInteger(), nullable=True))
    op.add_column(
        "conversations", sa.Column("replied_at", sa.DateTime(timezone=True), nullable=True)
    )
    op.create_index(
        "ix_conversations_replied_at",
        "conversations",
        ["account_id", "replied_at"],
        unique=False,
        postgresql_where=sa.text("replied_at is not null"),
    )
    op.create_index(
        "ix_conversations_snoozed_until",
        "conversations",
        ["snoozed_until"],
        unique=False,
        postgresql_where=sa.text("snoozed_until is not null"),
    )
    op.create_index(
        "ix_conversations_waiting_since",
        "conversations",
        ["account_id", "waiting_since"],
        unique=False,
        postgresql_where=sa.text("waiting_since is not null"),
    )


def downgrade() -> None:
    op.drop_index(
        "ix_conversations_waiting_since",
        table_name="conversations",
        postgresql_where=sa.text("waiting_since is not null"),
    )
    op.drop_index(
        "ix_conversations_snoozed_until",
        table_name="conversations",
        postgresql_where=sa.text("snoozed_until is not null"),
    )
    op.drop_index(
        "ix_conversations_replied_at",
        table_name="conversations",
        postgresql_where=sa.text("replied_at is not null"),
    )
    op.drop_column("conversations", "replied_at")
    op.drop_column("automation_rules", "delay_minutes")
    op.drop_index("ix_rule_timers_fired_at", table_name="rule_timers")
    op.drop_index(
        "ix_rule_timers_due_at",
        table_name="rule_timers",
        postgresql_where=sa.text("fired_at is null"),
    )
    op.drop_table("rule_timers")
