"""Keep versions."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


_RULES = """
    insert into versions (account_id, kind, subject_id, number, snapshot, created_at)
    select account_id, 'rule', id, 1, jsonb_build_object('name', name, 'description', description,
        'event_name', event_name, 'conditions', conditions, 'effects', effects, 'control', control),
        updated_at
    from automation_rules
"""
_ACTIONS = """
    insert into versions (account_id, kind, subject_id, number, snapshot, created_at)
    select account_id, 'action', id, version, jsonb_build_object('name', name,
        'description', description, 'method', method, 'url', url, 'headers', (
            select coalesce(jsonb_agg(header || jsonb_build_object(
                'is_secret', header -> 'secret_id' <> 'null')), '[]')
            from jsonb_array_elements(headers) as header),
        'body_kind', body_kind, 'body', body, 'policy', policy, 'answers', answers), updated_at
    from custom_actions
"""


def upgrade() -> None:
    op.create_table(
        "versions",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("snapshot", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("author_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_versions_account_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["author_id"], ["users.id"], name=op.f("fk_versions_author_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_versions")),
        sa.UniqueConstraint(
            "account_id",
            "kind",
            "subject_id",
            "number",
            name=op.f("uq_versions_account_id_kind_subject_id_number"),
        ),
    )
    op.add_column(
        "automation_rules",
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
    )
    op.add_column("deliveries", sa.Column("rule_version", sa.BigInteger(), nullable=True))
    op.add_column("deliveries", sa.Column("action_version", sa.BigInteger(), nullable=True))
    op.add_column("rule_verdicts", sa.Column("rule_version", sa.BigInteger(), nullable=True))
    op.execute(_RULES)  # what there is now is the first version
    op.execute(_ACTIONS)


def downgrade() -> None:
    op.drop_column("rule_verdicts", "rule_version")
    op.drop_column("deliveries", "action_version")
    op.drop_column("deliveries", "rule_version")
    op.drop_column("automation_rules", "version")
    op.drop_table("versions")
