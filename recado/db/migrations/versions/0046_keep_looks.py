"""Keep looks."""

import sqlalchemy as sa
from alembic import op

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("looks", sa.Column("until", sa.DateTime(timezone=True), nullable=True))
    op.execute("update looks set until = at")
    op.alter_column("looks", "until", nullable=False)
    op.drop_index("ix_looks_at", table_name="looks")


def downgrade() -> None:
    op.create_index("ix_looks_at", "looks", ["at"], unique=False)
    op.drop_column("looks", "until")
