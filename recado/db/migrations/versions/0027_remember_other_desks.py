"""Remember other desks."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "chatwoot_servers",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("remote_account_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("imported", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("remote_user_id", sa.BigInteger(), nullable=True),
        sa.Column("secret_id", sa.BigInteger(), nullable=True),
        sa.Column("key", sa.Text(), nullable=True),
        sa.Column("webhook_id", sa.BigInteger(), nullable=True),
        sa.Column("signing_id", sa.BigInteger(), nullable=True),
        sa.Column("connected_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("caught_up_to", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("trouble", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["accounts.id"],
            name=op.f("fk_chatwoot_servers_account_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chatwoot_servers")),
        sa.UniqueConstraint(
            "account_id",
            "url",
            "remote_account_id",
            name=op.f("uq_chatwoot_servers_account_id_url_remote_account_id"),
        ),
        sa.UniqueConstraint("key", name=op.f("uq_chatwoot_servers_key")),
    )
    op.create_index(
        op.f("ix_chatwoot_servers_due_at"), "chatwoot_servers", ["due_at"], unique=False
    )
    op.create_table(
        "chatwoot_arrivals",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("server_id", sa.BigInteger(), nullable=False),
        sa.Column("unique_id", sa.Text(), nullable=True),
        sa.Column("body", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("trouble", sa.Text(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["server_id"],
            ["chatwoot_servers.id"],
            name=op.f("fk_chatwoot_arrivals_server_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chatwoot_arrivals")),
        sa.UniqueConstraint(
            "server_id", "unique_id", name=op.f("uq_chatwoot_arrivals_server_id_unique_id")
        ),
    )
    op.create_index(
        "ix_chatwoot_arrivals_waiting",
        "chatwoot_arrivals",
        ["server_id", "id"],
        unique=False,
        postgresql_where=sa.text("trouble = ''"),
    )
    op.create_table(
        "chatwoot_links",
        sa.Column("server_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("remote_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("local_id", sa.BigInteger(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("notes", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("told_at", sa.Double(), nullable=True),
        sa.Column("check_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["server_id"],
            ["chatwoot_servers.id"],
            name=op.f("fk_chatwoot_links_server_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("server_id", "kind", "remote_id", name=op.f("pk_chatwoot_links")),
    )
    op.create_index(
        "ix_chatwoot_links_check_at",
        "chatwoot_links",
        ["check_at"],
        unique=False,
        postgresql_where=sa.text("check_at is not null"),
    )
    op.create_index(
        "ix_chatwoot_links_local", "chatwoot_links", ["server_id", "kind", "local_id"], unique=False
    )


def downgrade() -> None:
    op.drop_index("ix_chatwoot_links_local", table_name="chatwoot_links")
    op.drop_index(
        "ix_chatwoot_links_check_at",
        table_name="chatwoot_links",
        postgresql_where=sa.text("check_at is not null"),
    )
    op.drop_table("chatwoot_links")
    op.drop_index(
        "ix_chatwoot_arrivals_waiting",
        table_name="chatwoot_arrivals",
        postgresql_where=sa.text("trouble = ''"),
    )
    op.drop_table("chatwoot_arrivals")
    op.drop_index(op.f("ix_chatwoot_servers_due_at"), table_name="chatwoot_servers")
    op.drop_table("chatwoot_servers")
