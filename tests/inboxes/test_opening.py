"""Inboxes: what is refused, who sees them."""

from typing import Any

import pytest

from recado.db.database import Transaction
from recado.inboxes.keeping_tokens import hmac_of
from recado.inboxes.models import Channel
from recado.inboxes.opening import (
    InboxDraft,
    close_inbox,
    find_inbox,
    inbox_member_ids,
    inbox_problems,
    inboxes_for,
    inboxes_of,
    open_inbox,
    set_inbox_members,
    update_inbox,
)
from tests.people import NOW, VAULT, Cast


@pytest.mark.parametrize(
    ("name", "channel", "settings", "wrong"),
    [
        ("Site", Channel.API, {}, set()),
        (" ", Channel.API, {}, {"name"}),
        ("Site", Channel.API, {"webhook_url": "https://example.com/hook"}, set()),
        ("Site", Channel.API, {"webhook_url": "ftp://example.com"}, {"webhook_url"}),
        ("Site", Channel.WEB_WIDGET, {}, {"website_url"}),
        ("Site", Channel.WEB_WIDGET, {"website_url": "https://example.com"}, set()),
        ("Site", Channel.WEB_WIDGET, {"website_url": "loja.example/pt"}, set()),
        ("Site", Channel.WEB_WIDGET, {"website_url": "http://localhost:8080"}, set()),
        ("Site", Channel.WEB_WIDGET, {"website_url": "our shop"}, {"website_url"}),
        ("Site", Channel.WEB_WIDGET, {"website_url": "ana@example.com"}, {"website_url"}),
        ("Site", Channel.API, {"website_url": "our shop"}, set()),
    ],
)
def test_what_is_wrong_with_an_inbox(
    name: str, channel: Channel, settings: dict[str, Any], wrong: set[str]
) -> None:
    assert set(inbox_problems(InboxDraft(name, channel, settings))) == wrong


async def test_an_open_inbox_has_secrets_of_its_own(tx: Transaction, here: Cast) -> None:
    one, two = [
        await open_inbox(
            tx, here.account.id, InboxDraft(" Loja ", Channel.API), vault=VAULT, now=NOW
        )
        for _ in range(2)
    ]
    assert one.name == "Loja"
    assert len({one.identifier, hmac_of(one, VAULT), two.identifier, hmac_of(two, VAULT)}) == 4
    assert one.hmac_token is None


async def test_agents_see_the_inboxes_they_answer_in(tx: Transaction, here: Cast) -> None:
    loja = await open_inbox(
        tx, here.account.id, InboxDraft("Loja", Channel.API), vault=VAULT, now=NOW
    )
    assert [one.name for one in await inboxes_for(tx, here.ana)] == ["Site", "Loja"]
    assert [one.name for one in await inboxes_for(tx, here.beto)] == ["Site"]
    await set_inbox_members(tx, loja, {here.beto.user_id, here.celia.user_id})
    assert await inbox_member_ids(tx, loja.id) == {here.beto.user_id}  # Célia is a stranger
    assert [one.name for one in await inboxes_for(tx, here.beto)] == ["Site", "Loja"]


async def test_inboxes_are_renamed_and_closed(tx: Transaction, here: Cast) -> None:
    await update_inbox(tx, here.inbox, " Suporte ", {}, now=NOW)
    assert here.inbox.name == "Suporte"
    assert await find_inbox(tx, here.other_account.id, here.inbox.id) is None
    await close_inbox(tx, here.inbox)
    assert await inboxes_of(tx, here.account.id) == []
