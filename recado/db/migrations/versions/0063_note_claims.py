"""Note which source ids strangers made for themselves: what was said there is shown to nobody who proves
to be the contact later. Of those there are, the ones of website chats are theirs; whose those of API
inboxes are cannot be told any more.
"""

import sqlalchemy as sa
from alembic import op

revision = "0063"
down_revision = "0062"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "contact_inboxes",
        sa.Column("is_claim", sa.Boolean(), server_default=sa.text("false"), nullable=False),
    )
    op.execute(
        "update contact_inboxes set is_claim = true from inboxes "
        "where inboxes.id = contact_inboxes.inbox_id and inboxes.channel = 'web_widget' "
        "and not contact_inboxes.hmac_verified"
    )


def downgrade() -> None:
    op.drop_column("contact_inboxes", "is_claim")
