"""Find contacts by index.

Searching any part of a name needs the extension pg_trgm. Where it is missing, or must not be made, the
index is left out and everything works as before.
"""

import sqlalchemy as sa
from alembic import op

revision = "0051"
down_revision = "0050"
branch_labels = None
depends_on = None

_FROM = "ÁÀÂÃÄÅáàâãäåÉÈÊËéèêëÍÌÎÏíìîïÓÒÔÕÖóòôõöÚÙÛÜúùûüÇçÑñÝýÿ"
_TO = "aaaaaaaaaaaaeeeeeeeeiiiiiiiioooooooooouuuuuuuuccnnyyy"
_SEARCHED = (
    f"(((translate((name || chr(10)) || coalesce(identifier, ''), '{_FROM}', '{_TO}') || chr(10))"
    " || coalesce(email, '')) || chr(10)) || coalesce(phone_number, '')"
)


def upgrade() -> None:
    op.create_index(
        "ix_contacts_account_id_created_at",
        "contacts",
        ["account_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        "ix_contacts_account_id_email",
        "contacts",
        ["account_id", sa.literal_column("coalesce(email, '')"), "id"],
        unique=False,
    )
    if _has_trigrams():
        op.create_index(
            "ix_contacts_searched",
            "contacts",
            [sa.literal_column(f"({_SEARCHED}) gin_trgm_ops")],
            unique=False,
            postgresql_using="gin",
        )


def downgrade() -> None:
    op.drop_index("ix_contacts_searched", table_name="contacts", if_exists=True)
    op.drop_index("ix_contacts_account_id_email", table_name="contacts")
    op.drop_index("ix_contacts_account_id_created_at", table_name="contacts")


def _has_trigrams() -> bool:
    connection = op.get_bind()
    known = sa.text("select exists(select from pg_available_extensions where name = 'pg_trgm')")
    if not connection.scalar(known):
        return False
    try:
        with connection.begin_nested():
            connection.execute(sa.text("create extension if not exists pg_trgm"))
    except sa.exc.DBAPIError:  # the database's owner alone may make it
        return False
    return True
