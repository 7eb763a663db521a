"""Show people."""

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("users", sa.Column("picture_key", sa.Text(), nullable=True))
    op.create_unique_constraint(op.f("uq_users_picture_key"), "users", ["picture_key"])


def downgrade() -> None:
    op.drop_constraint(op.f("uq_users_picture_key"), "users", type_="unique")
    op.drop_column("users", "picture_key")
