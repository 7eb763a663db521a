"""Keep the versions of actions that were made or saved without one, and what older ones lack."""

from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

_MISSING = """
    insert into versions (account_id, kind, subject_id, number, snapshot, created_at)
    select account_id, 'action', id, version, jsonb_build_object('name', name,
        'description', description, 'method', method, 'url', url, 'headers', (
            select coalesce(jsonb_agg(header || jsonb_build_object(
                'is_secret', header -> 'secret_id' <> 'null')), '[]')
            from jsonb_array_elements(headers) as header),
        'body_kind', body_kind, 'body', body, 'policy', policy, 'answers', answers), updated_at
    from custom_actions as actions
    where not exists (
        select from versions where kind = 'action' and subject_id = actions.id
        and number = actions.version)
"""
_LACKING = """
    update versions set snapshot = jsonb_build_object(
        'signing', jsonb_build_object('is_on', signing_ring is not null, 'secret', '',
            'ring_id', signing_ring, 'ends_replaced', false),
        'auth', jsonb_build_object('kind', coalesce(auth ->> 'kind', 'none'),
            'values', coalesce(auth -> 'values', '{}'), 'secrets', jsonb_build_object(),
            'kept', coalesce(auth -> 'secrets', '{}'),
            'has_certificate', coalesce(auth -> 'secrets' ? 'certificate', false))) || snapshot
    from custom_actions as actions
    where kind = 'action' and subject_id = actions.id
    and not (snapshot ? 'signing' and snapshot ? 'auth')
"""


def upgrade() -> None:
    op.execute(_MISSING)
    op.execute(_LACKING)


def downgrade() -> None:
    pass  # what was kept may stay
