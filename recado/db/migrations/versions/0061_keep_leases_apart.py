"""Keep who sends a delivery apart from the delivery: taking one no longer writes its wide row anew.

What an older worker holds stays its own until its lease ends. An older worker that still runs finds no
`claim` any more and sends nothing, so that no call is made twice.
"""

import sqlalchemy as sa
from alembic import op

revision = "0061"
down_revision = "0060"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "leases",
        sa.Column("delivery_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("claim", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_taken_over", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["delivery_id"],
            ["deliveries.id"],
            name=op.f("fk_leases_delivery_id_deliveries"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("delivery_id", name=op.f("pk_leases")),
    )
    op.execute("""
        insert into leases (delivery_id, claim, until, is_taken_over)
        select id, claim, due_at, false from deliveries where state = 'pending' and claim is not null
    """)
    op.drop_column("deliveries", "claim")


def downgrade() -> None:
    op.add_column("deliveries", sa.Column("claim", sa.BigInteger(), nullable=True))
    op.execute("""
        update deliveries set claim = leases.claim, due_at = leases.until
        from leases where delivery_id = id
    """)
    op.drop_table("leases")
