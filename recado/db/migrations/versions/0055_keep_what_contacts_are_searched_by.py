"""Keep what contacts are searched by in a column, and find those that carry a label."""

import sqlalchemy as sa
from alembic import op

revision = "0055"
down_revision = "0054"
branch_labels = None
depends_on = None

_FROM = "ÁÀÂÃÄÅáàâãäåÉÈÊËéèêëÍÌÎÏíìîïÓÒÔÕÖóòôõöÚÙÛÜúùûüÇçÑñÝýÿ"
_TO = "aaaaaaaaaaaaeeeeeeeeiiiiiiiioooooooooouuuuuuuuccnnyyy"
_SEARCHED = (
    f"(((translate((name || chr(10)) || coalesce(identifier, ''), '{_FROM}', '{_TO}') || chr(10))"
    " || coalesce(email, '')) || chr(10)) || coalesce(phone_number, '')"
)
_HAS_TRIGRAMS = "select exists(select from pg_extension where extname = 'pg_trgm')"


def upgrade() -> None:
    op.drop_index("ix_contacts_searched", table_name="contacts", if_exists=True)
    kept = sa.Computed(f"lower({_SEARCHED})", persisted=True)
    op.add_column("contacts", sa.Column("searched", sa.Text(), kept, nullable=False))
    op.create_index(
        "ix_contacts_labels", "contacts", ["labels"], unique=False, postgresql_using="gin"
    )
    _index_trigrams("searched gin_trgm_ops")


def downgrade() -> None:
    op.drop_index("ix_contacts_searched", table_name="contacts", if_exists=True)
    op.drop_index("ix_contacts_labels", table_name="contacts")
    op.drop_column("contacts", "searched")
    _index_trigrams(f"({_SEARCHED}) gin_trgm_ops")


def _index_trigrams(what: str) -> None:
    if op.get_bind().scalar(sa.text(_HAS_TRIGRAMS)):
        op.create_index(
            "ix_contacts_searched",
            "contacts",
            [sa.text(what)],
            unique=False,
            postgresql_using="gin",
        )
