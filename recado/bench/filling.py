"""A desk that has been used for years: conversations, messages and calls by the hundred thousand."""

from typing import Any, Final

from sqlalchemy import text

from recado.db.database import Database

MESSAGES_EACH: Final = 5  # in a conversation
_BATCH: Final = 20_000  # conversations in one transaction

_CONTACTS: Final = """
    insert into contacts (account_id, name, email, avatar_url, blocked, custom_attributes,
        additional_attributes, created_at, updated_at)
    select 1, 'Contact ' || n, 'contact' || n || '@example.com', '', false, '{}', '{}', now(), now()
    from generate_series(1, 20000) n
"""
_KNOWN: Final = """
    insert into contact_inboxes (contact_id, inbox_id, source_id, created_at)
    select id, :inbox, 'bench-' || id, now() from contacts where account_id = 1 order by id
"""
_CONVERSATIONS: Final = """
    insert into conversations (uuid, account_id, display_id, inbox_id, contact_id, contact_inbox_id,
        status, labels, custom_attributes, additional_attributes, is_muted, last_activity_at,
        created_at, updated_at)
    select gen_random_uuid(), 1, n, :inbox, :contact + n % 20000, :known + n % 20000,
        case when n % 10 = 0 then 'open' else 'resolved' end, '{}', '{}', '{}', false, at, at, at
    from generate_series(cast(:first as int), cast(:last as int)) n,
        lateral (select now() - (cast(:whole as int) - n) * interval '1 minute') as moment(at)
"""
_MESSAGES: Final = """
    insert into messages (account_id, conversation_id, inbox_id, message_type, content, content_type,
        content_attributes, private, status, sender_contact_id, created_at)
    select 1, id, inbox_id, 'incoming', 'Message ' || md5(id::text || n), 'text', '{}', false, 'sent',
        contact_id, created_at + n * interval '1 second'
    from conversations, generate_series(1, cast(:each as int)) n
    where display_id between :first and :last
"""
_LONG: Final = """
    insert into messages (account_id, conversation_id, inbox_id, message_type, content, content_type,
        content_attributes, private, status, sender_contact_id, created_at)
    select 1, id, inbox_id, 'incoming', 'Message ' || n, 'text', '{}', false, 'sent', contact_id,
        now() - (cast(:messages as int) - n) * interval '1 hour'
    from conversations, generate_series(1, cast(:messages as int)) n where display_id = :number
"""
_CALLS: Final = """
    with made as (
        insert into deliveries (account_id, webhook_id, action_id, action_name, is_test, request, lane,
            conversation_id, policy, state, reason, attempts_count, tries_count, interruptions_count,
            last_status, created_at, finished_at)
        select 1, 'bench_' || id, id % 20 + 1, 'Action ' || id % 20, false,
            jsonb_build_object('method', 'POST', 'url', 'https://crm' || id % 10 || '.example/',
                'headers', '[]'::jsonb, 'body', content),
            'https://crm' || id % 10 || '.example:443', conversation_id / 5, '{}',
            case when id % 50 = 7 then 'failed' else 'delivered' end, '{"trouble": null}', 1, 1, 0,
            case when id % 50 = 7 then 404 else 201 end, created_at, created_at
        from messages where conversation_id in (
            select id from conversations where display_id between :first and :last)
        returning id, created_at, last_status
    )
    insert into attempts (delivery_id, number, started_at, milliseconds, timing, status, detail,
        response_size, response_is_cut)
    select id, 1, created_at, 12.5, '{}', last_status, '', 2, false from made
"""


async def fill(database: Database, inbox_id: int, *, conversations: int) -> None:
    """Write them straight into the tables, each message with its call."""
    await _run(database, _CONTACTS)
    await _run(database, _KNOWN, inbox=inbox_id)
    async with database.transaction() as tx:
        contact = await tx.scalar(text("select min(id) from contacts"))
        known = await tx.scalar(text("select min(id) from contact_inboxes"))
    for first in range(1, conversations + 1, _BATCH):
        stretch = {"first": first, "last": min(first + _BATCH - 1, conversations)}
        about = {"inbox": inbox_id, "contact": contact, "known": known, "whole": conversations}
        await _run(database, _CONVERSATIONS, **stretch, **about)
        await _run(database, _MESSAGES, **stretch, each=MESSAGES_EACH)
        await _run(database, _CALLS, **stretch)
    await _run(database, "update accounts set last_display_id = :last", last=conversations)
    await settle(database)


async def settle(database: Database) -> None:
    """Let PostgreSQL look at what was filled in and write it to the disk, as it has done where a desk
    came to that in days: what comes after is measured without it.
    """
    connection = await database.connect_to_listen()
    try:
        await connection.execute("vacuum analyze")
        await connection.execute("checkpoint")
    finally:
        await connection.close()


async def lengthen(database: Database, number: int, *, messages: int) -> None:
    """One conversation that goes on, a message an hour."""
    await _run(database, _LONG, number=number, messages=messages)
    await _run(database, "analyze messages")


async def _run(database: Database, statement: str, **values: Any) -> None:
    async with database.transaction() as tx:
        await tx.execute(text("set local session_replication_role = replica"))  # quicker to fill
        await tx.execute(text(statement), values)
