"""Note what reports count."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None


# What is known of the time before: resolutions as far as the outbox remembers them.
_BEFORE = """
    insert into reporting_events (account_id, name, value, value_in_business_hours, conversation_id,
        inbox_id, user_id, team_id, labels, started_at, created_at)
    select account_id, 'conversation_created', 0, 0, id, inbox_id, assignee_id, team_id, labels,
        created_at, created_at
    from conversations
    union all
    select account_id, 'first_response', took, took, id, inbox_id, assignee_id, team_id, labels,
        created_at, first_reply_created_at
    from conversations, extract(epoch from first_reply_created_at - created_at) took
    where first_reply_created_at is not null
    union all
    select c.account_id, 'conversation_resolved', took, took, c.id, c.inbox_id, c.assignee_id, c.team_id,
        c.labels, c.created_at, e.created_at
    from events e join conversations c on c.id = e.conversation_id,
        extract(epoch from e.created_at - c.created_at) took
    where e.name = 'conversation_resolved'
"""


def upgrade() -> None:
    op.create_table(
        "reporting_events",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Double(), nullable=False),
        sa.Column("value_in_business_hours", sa.Double(), nullable=False),
        sa.Column("conversation_id", sa.BigInteger(), nullable=False),
        sa.Column("inbox_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=True),
        sa.Column("team_id", sa.BigInteger(), nullable=True),
        sa.Column("labels", postgresql.ARRAY(sa.TEXT()), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["accounts.id"],
            name=op.f("fk_reporting_events_account_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reporting_events")),
    )
    op.create_index(
        "ix_reporting_events_conversation_id", "reporting_events", ["conversation_id"], unique=False
    )
    op.create_index(
        "ix_reporting_events_report",
        "reporting_events",
        ["account_id", "name", "created_at"],
        unique=False,
        postgresql_include=[
            "value",
            "value_in_business_hours",
            "user_id",
            "team_id",
            "inbox_id",
            "labels",
        ],
    )
    op.execute(_BEFORE)


def downgrade() -> None:
    op.drop_index("ix_reporting_events_report", table_name="reporting_events")
    op.drop_index("ix_reporting_events_conversation_id", table_name="reporting_events")
    op.drop_table("reporting_events")
