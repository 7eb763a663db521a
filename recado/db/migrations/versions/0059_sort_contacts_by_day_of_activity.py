"""Keep the day on which a contact was last heard of, for an index that a message seldom writes to."""

import sqlalchemy as sa
from alembic import op

revision = "0059"
down_revision = "0058"
branch_labels = None
depends_on = None

_ACTIVE_ON = "coalesce((last_activity_at at time zone 'UTC')::date, '-infinity'::date)"


def upgrade() -> None:
    kept = sa.Computed(_ACTIVE_ON, persisted=True)
    op.add_column("contacts", sa.Column("active_on", sa.Date(), kept, nullable=False))
    op.create_index(
        "ix_contacts_account_id_active_on", "contacts", ["account_id", "active_on"], unique=False
    )


def downgrade() -> None:
    op.drop_index("ix_contacts_account_id_active_on", table_name="contacts")
    op.drop_column("contacts", "active_on")
