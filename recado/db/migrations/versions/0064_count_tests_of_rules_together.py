"""Count tests of rules by the group that is tested together: one row for a thousand rules."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0064"
down_revision = "0063"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "rule_tests",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("lane", sa.SmallInteger(), nullable=False),
        sa.Column("rule_ids", postgresql.ARRAY(sa.BigInteger()), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["accounts.id"],
            name=op.f("fk_rule_tests_account_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("account_id", "digest", "day", "lane", name=op.f("pk_rule_tests")),
    )
    op.create_index("ix_rule_tests_day", "rule_tests", ["day"])


def downgrade() -> None:
    """What did not match since is known no more."""
    op.drop_index("ix_rule_tests_day", table_name="rule_tests")
    op.drop_table("rule_tests")
    op.execute("delete from rule_counts where count < 0")
