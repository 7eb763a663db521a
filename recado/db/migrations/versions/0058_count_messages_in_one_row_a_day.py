"""Count messages in one row for each conversation and day: all days are counted anew."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0058"
down_revision = "0057"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("delete from message_totals")
    op.drop_constraint("pk_message_totals", "message_totals")
    for name in ("name", "user_id", "count"):
        op.drop_column("message_totals", name)
    for name in ("incoming", "outgoing"):
        op.add_column("message_totals", sa.Column(name, sa.Integer(), nullable=False))
    op.add_column(
        "message_totals", sa.Column("authors", postgresql.ARRAY(sa.BigInteger()), nullable=False)
    )
    op.create_primary_key(
        "pk_message_totals", "message_totals", ["account_id", "day", "conversation_id"]
    )
    _count_anew()


def downgrade() -> None:
    op.execute("delete from message_totals")
    op.drop_constraint("pk_message_totals", "message_totals")
    for column in ("incoming", "outgoing", "authors"):
        op.drop_column("message_totals", column)
    op.add_column("message_totals", sa.Column("name", sa.Text(), nullable=False))
    for column in ("user_id", "count"):
        op.add_column("message_totals", sa.Column(column, sa.BigInteger(), nullable=False))
    op.create_primary_key(
        "pk_message_totals",
        "message_totals",
        ["account_id", "day", "conversation_id", "name", "user_id"],
    )
    _count_anew()


def _count_anew() -> None:
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
