"""Count messages by day: all days are counted anew, also those of histories that were carried over."""

from alembic import op

revision = "0054"
down_revision = "0053"
branch_labels = None
depends_on = None


def upgrade() -> None:
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
    op.execute("delete from conversation_totals where name in ('incoming', 'outgoing')")
