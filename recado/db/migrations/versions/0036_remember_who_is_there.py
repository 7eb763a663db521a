"""Remember who is there."""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "looks",
        sa.Column("conversation_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_looks_account_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name=op.f("fk_looks_conversation_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_looks_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("conversation_id", "user_id", name=op.f("pk_looks")),
    )
    op.create_index(op.f("ix_looks_at"), "looks", ["at"], unique=False)
    op.create_index(op.f("ix_looks_user_id"), "looks", ["user_id"], unique=False)
    op.add_column(
        "memberships", sa.Column("availability", sa.Text(), server_default="online", nullable=False)
    )
    op.add_column(
        "memberships",
        sa.Column("auto_offline", sa.Boolean(), server_default=sa.text("true"), nullable=False),
    )
    op.add_column("memberships", sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("memberships", "seen_at")
    op.drop_column("memberships", "auto_offline")
    op.drop_column("memberships", "availability")
    op.drop_index(op.f("ix_looks_user_id"), table_name="looks")
    op.drop_index(op.f("ix_looks_at"), table_name="looks")
    op.drop_table("looks")
