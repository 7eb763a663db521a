"""Count what rules decide."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "rule_counts",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("rule_id", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("lane", sa.SmallInteger(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["accounts.id"],
            name=op.f("fk_rule_counts_account_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "account_id", "rule_id", "day", "result", "lane", name=op.f("pk_rule_counts")
        ),
    )
    op.create_index("ix_rule_counts_day", "rule_counts", ["day"])
    op.add_column(
        "rule_verdicts",
        sa.Column("short_by", sa.SmallInteger(), server_default="0", nullable=False),
    )
    op.create_index(
        "ix_rule_verdicts_sample",
        "rule_verdicts",
        ["created_at"],
        postgresql_where=sa.text("result = 'not_matched'"),
    )


def downgrade() -> None:
    op.drop_index("ix_rule_verdicts_sample", table_name="rule_verdicts")
    op.drop_column("rule_verdicts", "short_by")
    op.drop_index("ix_rule_counts_day", table_name="rule_counts")
    op.drop_table("rule_counts")
