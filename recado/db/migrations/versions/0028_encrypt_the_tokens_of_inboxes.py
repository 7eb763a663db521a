"""Encrypt the tokens of inboxes."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("inboxes", sa.Column("hmac_encrypted", sa.LargeBinary(), nullable=True))
    op.alter_column("inboxes", "hmac_token", nullable=True)


def downgrade() -> None:
    op.execute("update inboxes set hmac_token = md5(random()::text) where hmac_token is null")
    op.alter_column("inboxes", "hmac_token", nullable=False)
    op.drop_column("inboxes", "hmac_encrypted")
