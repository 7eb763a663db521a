"""Files that nobody sends any more are forgotten; those that somebody may send are not."""

from datetime import timedelta
from typing import Any

import pytest

from recado.accounts.models import Version
from recado.automation.effect_names import EffectName
from recado.automation.models import AutomationRule, Macro
from recado.automation.pruning import UNUSED, prune_uploads
from recado.conversations.models import Upload
from recado.conversations.posting import StoredFile
from recado.conversations.uploading import keep_upload, uploads_of
from recado.db.database import Transaction
from recado.lib.files import FileDraft
from tests.people import NOW, Cast, a_contact, a_conversation, a_message, gather

LATER = NOW + UNUSED + timedelta(seconds=1)


async def a_file(tx: Transaction, cast: Cast) -> Upload:
    stored = StoredFile("k" * 32, FileDraft("a.pdf", "application/pdf", 3))
    return await keep_upload(tx, cast.account.id, stored, now=NOW)


def sending(name: Any) -> list[Any]:
    return [
        {"action_name": "add_label", "action_params": ["vip"]},
        {"action_name": EffectName.SEND_ATTACHMENT, "action_params": [999, name]},
    ]


def a_rule(account_id: int, effects: list[Any]) -> AutomationRule:
    return AutomationRule(
        account_id=account_id, name="R", event_name="message_created", conditions=[],
        effects=effects, created_at=NOW, updated_at=NOW,
    )  # fmt: skip


def a_macro(account_id: int, effects: list[Any]) -> Macro:
    return Macro(
        account_id=account_id, name="M", effects=effects, created_by_id=None, updated_by_id=None,
        created_at=NOW, updated_at=NOW,
    )  # fmt: skip


def a_version(account_id: int, effects: list[Any]) -> Version:
    return Version(
        account_id=account_id, kind="rule", subject_id=1, number=1, snapshot={"effects": effects},
        author_id=None, created_at=NOW,
    )  # fmt: skip


@pytest.mark.parametrize("holder", [a_rule, a_macro, a_version])
@pytest.mark.parametrize("spelling", [int, str])
async def test_a_file_that_may_be_sent_stays(tx: Transaction, holder: Any, spelling: Any) -> None:
    cast = await gather(tx)
    file = await a_file(tx, cast)
    tx.add(holder(cast.account.id, sending(spelling(file.id))))
    await tx.flush()
    assert await prune_uploads(tx, now=LATER) == 0
    assert await uploads_of(tx, cast.account.id) == [file]


@pytest.mark.parametrize("holder", [a_rule, a_macro, a_version])
async def test_a_file_that_nobody_sends_goes_after_a_week(tx: Transaction, holder: Any) -> None:
    cast = await gather(tx)
    file = await a_file(tx, cast)
    theirs = cast.other_account.id
    tx.add(holder(theirs, sending(file.id)))  # somebody else's number is another file
    labels = [{"action_name": "assign_agent", "action_params": [file.id]}]
    tx.add(holder(cast.account.id, labels))  # and a person's is no file at all
    await tx.flush()
    assert await prune_uploads(tx, now=NOW + UNUSED) == 0
    assert await prune_uploads(tx, now=LATER) == 1
    assert await uploads_of(tx, cast.account.id) == []


async def test_what_was_sent_stays_in_its_message(tx: Transaction) -> None:
    cast = await gather(tx)
    file = await a_file(tx, cast)
    talk = await a_conversation(tx, cast.inbox, await a_contact(tx, cast.account))
    sent = StoredFile(file.key, FileDraft(file.name, file.content_type, file.size))
    message = await a_message(tx, talk, files=(sent,))
    assert await prune_uploads(tx, now=LATER) == 1
    await tx.refresh(message, ["attachments"])
    assert [one.key for one in message.attachments] == [file.key]
