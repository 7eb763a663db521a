"""Searching: by the beginnings of words, without case and accents, only what one may see."""

import pytest
from sqlalchemy import text

from recado.conversations.changing import change_conversation
from recado.conversations.models import SEARCHED
from recado.conversations.searching import LATELY, search
from recado.db.database import Transaction
from recado.events.causes import BY_SYSTEM
from recado.inboxes.models import Channel
from recado.inboxes.opening import InboxDraft, open_inbox
from tests.people import NOW, VAULT, Cast, a_contact, a_conversation, a_message


@pytest.mark.parametrize(
    "typed",
    [
        "situação",
        "SITUACAO",
        "situa pedi",  # the beginnings of words
        "5531",  # behind a hyphen
        "joao@example.com",
    ],
)
async def test_a_message_is_found(tx: Transaction, here: Cast, typed: str) -> None:
    conversation = await a_conversation(tx, here.inbox, await a_contact(tx, here.account))
    await a_message(tx, conversation, "Qual a situação do Pedido-5531? Sou joao@example.com")
    await a_message(tx, conversation, "Nada")
    found = await search(tx, here.ana, typed)
    assert [one.message.content[:4] for one in found.hits] == ["Qual"]


@pytest.mark.parametrize("typed", ["", "  ", "tuacao", "situação ontem", "%", "'", "a:*|b", "\\"])
async def test_nothing_is_found(tx: Transaction, here: Cast, typed: str) -> None:
    conversation = await a_conversation(tx, here.inbox, await a_contact(tx, here.account))
    await a_message(tx, conversation, "Qual a situação?")
    assert (await search(tx, here.ana, typed)).hits == []


async def test_a_number_and_a_contact_are_found(tx: Transaction, here: Cast) -> None:
    maria = await a_contact(tx, here.account)
    conversation = await a_conversation(tx, here.inbox, maria)
    for typed in (f"#{conversation.display_id}", str(conversation.display_id)):
        assert (await search(tx, here.ana, typed)).conversation is conversation
    assert [one.id for one in (await search(tx, here.beto, "souza")).contacts] == [maria.id]


async def test_only_what_one_may_see(tx: Transaction, here: Cast) -> None:
    hidden = await open_inbox(
        tx, here.account.id, InboxDraft("Loja", Channel.API), vault=VAULT, now=NOW
    )
    conversation = await a_conversation(tx, hidden, await a_contact(tx, here.account))
    await a_message(tx, conversation, "segredo")
    number = str(conversation.display_id)
    assert (await search(tx, here.ana, "segredo")).hits
    assert (await search(tx, here.beto, "segredo")).is_nothing
    assert (await search(tx, here.beto, number)).conversation is None
    assert (await search(tx, here.celia, "segredo")).is_nothing
    assert (await search(tx, here.celia, "souza")).is_nothing


async def test_activities_are_no_messages(tx: Transaction, here: Cast) -> None:
    conversation = await a_conversation(tx, here.inbox, await a_contact(tx, here.account))
    await change_conversation(tx, conversation, {"status": "resolved"}, cause=BY_SYSTEM, now=NOW)
    assert (await search(tx, here.ana, "resolved")).hits == []


async def test_the_index_serves_the_search(tx: Transaction, here: Cast) -> None:
    await tx.execute(text("set local enable_seqscan = off"))
    explain = f"explain select id from messages where {SEARCHED} @@ to_tsquery('simple', 'a\\:*')"  # noqa: S608 - our own
    plan = "\n".join(await tx.scalars(text(explain)))
    assert "ix_messages_searched" in plan


@pytest.mark.parametrize(
    ("lately", "most_sorted"),
    [(100, 100), (1, 100), (1, 2)],  # at the end, by the index, and more than it is to sort
)
async def test_the_newest_are_found(
    tx: Transaction, here: Cast, monkeypatch: pytest.MonkeyPatch, lately: int, most_sorted: int
) -> None:
    for name, value in (("MOST_MESSAGES", 3), ("LATELY", lately), ("MOST_SORTED", most_sorted)):
        monkeypatch.setattr(f"recado.conversations.searching.{name}", value)
    conversation = await a_conversation(tx, here.inbox, await a_contact(tx, here.account))
    for number in range(8):
        await a_message(tx, conversation, f"boleto {number}" if number != 6 else "nada")
    found = await search(tx, here.ana, "boleto")
    assert [one.message.content for one in found.hits] == ["boleto 7", "boleto 5", "boleto 4"]


async def test_a_word_that_nobody_has_written_reads_few_messages(
    tx: Transaction, here: Cast
) -> None:
    conversation = await a_conversation(tx, here.inbox, await a_contact(tx, here.account))
    await a_message(tx, conversation)
    await tx.execute(
        text(
            """insert into messages (account_id, conversation_id, inbox_id, message_type, content,
                content_type, content_attributes, private, status, created_at)
            select account_id, conversation_id, inbox_id, message_type, 'Message ' || n,
                content_type, '{}', false, 'sent', created_at from messages, generate_series(1, 30000) n"""
        )
    )
    await tx.execute(text("analyze messages"))
    before = await _read(tx)
    assert (await search(tx, here.ana, "boleto")).hits == []
    assert await _read(tx) - before <= LATELY + 1  # and the last one, to know the end


async def _read(tx: Transaction) -> int:
    """How many messages this transaction has read."""
    query = "select seq_tup_read + idx_tup_fetch from pg_stat_xact_user_tables where relname = 'messages'"
    return int(await tx.scalar(text(query)) or 0)
