"""Count messages by conversation and day: all days are counted anew, also those of carried histories."""

import sqlalchemy as sa
from alembic import op

revision = "0056"
down_revision = "0055"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "message_totals",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("conversation_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("inbox_id", sa.BigInteger(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["accounts.id"],
            name=op.f("fk_message_totals_account_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "account_id",
            "day",
            "conversation_id",
            "name",
            "user_id",
            name=op.f("pk_message_totals"),
        ),
    )
    op.execute("delete from conversation_totals")
    op.execute("delete from conversations_counted")
    op.execute("""
        insert into reporting_changes (account_id, at)
        select distinct account_id, date_bin('15 minutes', created_at, '2000-01-01 00:00+00')
        from messages
        join (select account_id, min(created_at) as first from reporting_events group by account_id)
            as begins using (account_id)
        where created_at < begins.first
    """)


def downgrade() -> None:
    op.drop_table("message_totals")
