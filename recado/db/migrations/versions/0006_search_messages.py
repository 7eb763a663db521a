"""Search messages."""

from alembic import op
from sqlalchemy import text

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_FROM = "ÁÀÂÃÄÅáàâãäåÉÈÊËéèêëÍÌÎÏíìîïÓÒÔÕÖóòôõöÚÙÛÜúùûüÇçÑñÝýÿ-_/"
_TO = "aaaaaaaaaaaaeeeeeeeeiiiiiiiioooooooooouuuuuuuuccnnyyy   "


def upgrade() -> None:
    op.create_index(
        "ix_messages_searched",
        "messages",
        [text(f"to_tsvector('simple'::regconfig, translate(content, '{_FROM}', '{_TO}'))")],
        postgresql_using="gin",
    )


def downgrade() -> None:
    op.drop_index("ix_messages_searched", table_name="messages", postgresql_using="gin")
