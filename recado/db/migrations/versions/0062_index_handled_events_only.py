"""Have the index of handled events hold those only: what waits has its own, and the planner took this one
for it while both were small.
"""

import sqlalchemy as sa
from alembic import op

revision = "0062"
down_revision = "0061"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("ix_events_processed_at", table_name="events")
    op.create_index(
        "ix_events_processed_at",
        "events",
        ["processed_at"],
        postgresql_where=sa.text("processed_at is not null"),
    )


def downgrade() -> None:
    op.drop_index("ix_events_processed_at", table_name="events")
    op.create_index("ix_events_processed_at", "events", ["processed_at"])
