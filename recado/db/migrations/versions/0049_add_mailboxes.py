"""Add mailboxes."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "mailboxes",
        sa.Column("inbox_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("sender_name", sa.Text(), nullable=False),
        sa.Column("imap_host", sa.Text(), nullable=False),
        sa.Column("imap_port", sa.BigInteger(), nullable=False),
        sa.Column("imap_encryption", sa.Text(), nullable=False),
        sa.Column("imap_user", sa.Text(), nullable=False),
        sa.Column("imap_secret_id", sa.BigInteger(), nullable=True),
        sa.Column("folder", sa.Text(), nullable=False),
        sa.Column("smtp_host", sa.Text(), nullable=False),
        sa.Column("smtp_port", sa.BigInteger(), nullable=False),
        sa.Column("smtp_encryption", sa.Text(), nullable=False),
        sa.Column("smtp_user", sa.Text(), nullable=False),
        sa.Column("smtp_secret_id", sa.BigInteger(), nullable=True),
        sa.Column("validity", sa.BigInteger(), nullable=True),
        sa.Column("last_uid", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claim", sa.BigInteger(), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failures", sa.BigInteger(), nullable=False),
        sa.Column("trouble", sa.Text(), nullable=True),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["accounts.id"],
            name=op.f("fk_mailboxes_account_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["inbox_id"], ["inboxes.id"], name=op.f("fk_mailboxes_inbox_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("inbox_id", name=op.f("pk_mailboxes")),
    )
    op.create_index(op.f("ix_mailboxes_account_id"), "mailboxes", ["account_id"], unique=False)
    op.create_index(
        "ix_mailboxes_due_at",
        "mailboxes",
        ["due_at"],
        unique=False,
        postgresql_where=sa.text("is_active"),
    )
    op.create_table(
        "mail_ids",
        sa.Column("inbox_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("mail_id", sa.Text(), nullable=False),
        sa.Column("conversation_id", sa.BigInteger(), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name=op.f("fk_mail_ids_conversation_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["inbox_id"], ["inboxes.id"], name=op.f("fk_mail_ids_inbox_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["message_id"], ["messages.id"], name=op.f("fk_mail_ids_message_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("inbox_id", "mail_id", name=op.f("pk_mail_ids")),
    )
    op.create_index(
        op.f("ix_mail_ids_conversation_id"), "mail_ids", ["conversation_id"], unique=False
    )
    op.create_index(op.f("ix_mail_ids_message_id"), "mail_ids", ["message_id"], unique=False)
    op.add_column("emails", sa.Column("inbox_id", sa.BigInteger(), nullable=True))
    op.add_column("emails", sa.Column("message_id", sa.BigInteger(), nullable=True))
    op.add_column(
        "emails",
        sa.Column(
            "heads",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'"),
            nullable=False,
        ),
    )
    op.create_index(op.f("ix_emails_inbox_id"), "emails", ["inbox_id"], unique=False)
    op.create_index(
        "ix_emails_message_id",
        "emails",
        ["message_id"],
        unique=False,
        postgresql_where=sa.text("message_id is not null"),
    )
    op.create_foreign_key(
        op.f("fk_emails_inbox_id"), "emails", "inboxes", ["inbox_id"], ["id"], ondelete="CASCADE"
    )


def downgrade() -> None:
    op.drop_constraint(op.f("fk_emails_inbox_id"), "emails", type_="foreignkey")
    op.drop_index(
        "ix_emails_message_id",
        table_name="emails",
        postgresql_where=sa.text("message_id is not null"),
    )
    op.drop_index(op.f("ix_emails_inbox_id"), table_name="emails")
    op.drop_column("emails", "heads")
    op.drop_column("emails", "message_id")
    op.drop_column("emails", "inbox_id")
    op.drop_index(op.f("ix_mail_ids_message_id"), table_name="mail_ids")
    op.drop_index(op.f("ix_mail_ids_conversation_id"), table_name="mail_ids")
    op.drop_table("mail_ids")
    op.drop_index(
        "ix_mailboxes_due_at", table_name="mailboxes", postgresql_where=sa.text("is_active")
    )
    op.drop_index(op.f("ix_mailboxes_account_id"), table_name="mailboxes")
    op.drop_table("mailboxes")
