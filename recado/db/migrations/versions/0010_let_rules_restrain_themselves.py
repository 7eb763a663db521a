"""Let rules restrain themselves."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "cascades",
        sa.Column("root", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("firings", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("root", name=op.f("pk_cascades")),
    )
    op.create_index("ix_cascades_created_at", "cascades", ["created_at"], unique=False)
    op.create_table(
        "rule_firings",
        sa.Column("rule_id", sa.BigInteger(), nullable=False),
        sa.Column("conversation_id", sa.BigInteger(), nullable=False),
        sa.Column("fired_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name=op.f("fk_rule_firings_conversation_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["rule_id"],
            ["automation_rules.id"],
            name=op.f("fk_rule_firings_rule_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("rule_id", "conversation_id", name=op.f("pk_rule_firings")),
    )
    op.add_column(
        "automation_rules",
        sa.Column(
            "control", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False
        ),
    )
    op.add_column(
        "rule_verdicts", sa.Column("reason", postgresql.JSONB(astext_type=sa.Text()), nullable=True)
    )


def downgrade() -> None:
    op.drop_column("rule_verdicts", "reason")
    op.drop_column("automation_rules", "control")
    op.drop_table("rule_firings")
    op.drop_index("ix_cascades_created_at", table_name="cascades")
    op.drop_table("cascades")
