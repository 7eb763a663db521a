"""The tokens of inboxes and bots: encrypted, and given a new key without a gap."""

import pytest

from recado.accounts.tokens import digest
from recado.db.database import Transaction
from recado.deliveries.keeping_secrets import Rotated, keep_secret
from recado.inboxes.bots import BotDraft, create_bot, token_of
from recado.inboxes.keeping_tokens import (
    encrypt_tokens,
    hmac_of,
    is_key_of_stored,
    replace_unreadable,
    rotate_tokens,
)
from recado.inboxes.models import AgentBot
from recado.lib.secrets import Vault
from tests.people import KEY, NOW, VAULT, Cast

NEXT = Vault("n" * 32, [KEY])  # the key is being changed: both read
ALONE = Vault("n" * 32)


@pytest.fixture
async def bot(tx: Transaction, here: Cast) -> AgentBot:
    return await create_bot(tx, here.account.id, BotDraft("Bot"), vault=VAULT, now=NOW)


async def test_what_was_kept_plainly_is_encrypted_at_the_start(tx: Transaction, here: Cast) -> None:
    here.inbox.hmac_token, here.inbox.hmac_encrypted = "of-an-older-recado", None
    await tx.flush()
    assert hmac_of(here.inbox, VAULT) == "of-an-older-recado"
    await encrypt_tokens(tx, VAULT)
    await tx.refresh(here.inbox)
    assert here.inbox.hmac_token is None
    assert hmac_of(here.inbox, VAULT) == "of-an-older-recado"


async def test_a_changed_key_reads_every_token_and_changes_none(
    tx: Transaction, here: Cast, bot: AgentBot
) -> None:
    tokens = [hmac_of(one, VAULT) for one in (here.inbox, here.other_inbox)]
    token, done = token_of(bot, VAULT), Rotated()
    assert [hmac_of(one, NEXT) for one in (here.inbox, here.other_inbox)] == tokens
    await rotate_tokens(tx, NEXT, done)
    assert (done.changed, done.unreadable) == (3, 0)
    assert [hmac_of(one, ALONE) for one in (here.inbox, here.other_inbox)] == tokens
    assert token_of(bot, ALONE) == token
    await rotate_tokens(tx, NEXT, again := Rotated())
    assert again.changed == 0


async def test_what_no_key_reads_is_counted_and_stays(
    tx: Transaction, here: Cast, bot: AgentBot
) -> None:
    token = token_of(bot, VAULT)
    await rotate_tokens(tx, ALONE, done := Rotated())
    assert (done.changed, done.unreadable) == (0, 3)
    assert token_of(bot, VAULT) == token


async def test_when_the_key_is_lost_everybody_gets_a_new_token(
    tx: Transaction, here: Cast, bot: AgentBot
) -> None:
    old, old_digest = hmac_of(here.inbox, VAULT), bot.token_digest
    assert hmac_of(here.inbox, ALONE) == ""
    assert await replace_unreadable(tx, ALONE) == 3
    assert hmac_of(here.inbox, ALONE) not in ("", old)
    assert bot.token_digest == digest(token_of(bot, ALONE)) != old_digest
    assert await replace_unreadable(tx, ALONE) == 0


async def test_a_key_fits_that_reads_some_of_what_is_stored(tx: Transaction, here: Cast) -> None:
    assert await is_key_of_stored(tx, VAULT)
    assert not await is_key_of_stored(tx, ALONE)
    await keep_secret(
        tx, here.account.id, "s3cr3t", vault=ALONE, lane="https://crm.example:443", now=NOW
    )
    assert await is_key_of_stored(tx, VAULT)
    assert await is_key_of_stored(tx, ALONE)


async def test_where_nothing_is_stored_every_key_fits(tx: Transaction) -> None:
    assert await is_key_of_stored(tx, VAULT)


async def test_a_token_of_another_account_does_not_open(tx: Transaction, here: Cast) -> None:
    here.inbox.hmac_encrypted = here.other_inbox.hmac_encrypted
    assert hmac_of(here.inbox, VAULT) == ""
