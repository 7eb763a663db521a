"""Add business hours: what an inbox keeps of them, and when a conversation was told of their end."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

_JSONB = postgresql.JSONB(astext_type=sa.Text())
_DAY = '["09:00", "17:00"]'
_WEEK = f"[null, {_DAY}, {_DAY}, {_DAY}, {_DAY}, {_DAY}, null]"


def upgrade() -> None:
    for column in (
        sa.Column("has_hours", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("time_zone", sa.Text(), nullable=False, server_default="UTC"),
        sa.Column("week", _JSONB, nullable=False, server_default=_WEEK),
        sa.Column("holidays", _JSONB, nullable=False, server_default="[]"),
        sa.Column("out_of_office", sa.Text(), nullable=False, server_default=""),
        sa.Column("turns_at", sa.DateTime(timezone=True), nullable=True),
    ):
        op.add_column("inboxes", column)
    op.execute(
        "update inboxes set time_zone = accounts.time_zone from accounts"
        " where accounts.id = inboxes.account_id"
    )
    op.create_index(
        "ix_inboxes_turns_at",
        "inboxes",
        ["turns_at"],
        postgresql_where=sa.text("turns_at is not null"),
    )
    op.add_column(
        "conversations", sa.Column("excused_at", sa.DateTime(timezone=True), nullable=True)
    )


def downgrade() -> None:
    op.drop_column("conversations", "excused_at")
    op.drop_index(
        "ix_inboxes_turns_at",
        table_name="inboxes",
        postgresql_where=sa.text("turns_at is not null"),
    )
    for name in ("turns_at", "out_of_office", "holidays", "week", "time_zone", "has_hours"):
        op.drop_column("inboxes", name)
