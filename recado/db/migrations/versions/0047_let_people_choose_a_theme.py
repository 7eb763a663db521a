"""Let people choose a theme."""

import sqlalchemy as sa
from alembic import op

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("users", sa.Column("theme", sa.Text(), server_default="system", nullable=False))


def downgrade() -> None:
    op.drop_column("users", "theme")
