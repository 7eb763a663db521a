"""The behaviours of files in rules that users of the API know, by their numbers (41, 62, 65)."""

from typing import Any

import pytest
from sqlalchemy import select

from recado.conversations.correcting import delete_message
from recado.conversations.finding import WITH_PARTS
from recado.conversations.models import Conversation, Message
from recado.conversations.posting import StoredFile
from recado.conversations.uploading import keep_upload
from recado.db.database import Transaction
from recado.events.causes import BY_SYSTEM
from recado.lib.files import FileDraft
from tests.api.calling import Program, programs
from tests.api.test_attachments import MULTIPART, PNG, body
from tests.automation.rules import row
from tests.automation.stories import a_rule, after, does, run
from tests.browser import Browser
from tests.people import NOW, Cast, a_message

KEY = "k" * 32


@pytest.fixture
def api(visitor: Browser, cast: Cast) -> Program:
    return programs(visitor, cast)[0]


async def an_upload(tx: Transaction, account_id: int, key: str = KEY) -> int:
    stored = StoredFile(key, FileDraft("price list.pdf", "application/pdf", 7))
    return (await keep_upload(tx, account_id, stored, now=NOW)).id


async def with_files(tx: Transaction) -> list[Message]:
    query = select(Message).options(*WITH_PARTS).order_by(Message.id)
    return [one for one in await tx.scalars(query) if one.attachments]


async def test_41_a_file_is_sent_as_often_as_the_rule_fires(
    tx: Transaction, people: Cast, talk: Conversation
) -> None:
    file = await an_upload(tx, people.account.id)
    rule = await a_rule(tx, people, does("send_attachment", file))
    for text in ("price?", "price!"):
        await a_message(tx, talk, text)
        await run(tx)
    first, second = await with_files(tx)
    assert [one.name for one in first.attachments] == ["price list.pdf"]
    assert first.content_attributes == {"automation_rule_id": rule.id}
    assert (first.message_type, first.private, first.content) == ("outgoing", False, "")
    assert second.attachments[0].key == first.attachments[0].key
    assert await delete_message(tx, talk, first, cause=BY_SYSTEM, now=NOW) == []  # still needed


async def test_41_several_files_go_in_one_message(
    tx: Transaction, people: Cast, talk: Conversation
) -> None:
    ids = [await an_upload(tx, people.account.id, letter * 32) for letter in "ab"]
    assert await after(tx, people, talk, does("send_attachment", *ids)) == ["done"]
    [message] = await with_files(tx)
    assert len(message.attachments) == 2


async def test_41_a_deleted_or_strange_file_is_told(
    tx: Transaction, people: Cast, talk: Conversation
) -> None:
    theirs = await an_upload(tx, people.other_account.id)
    done = await after(
        tx, people, talk, does("send_attachment", theirs), does("send_attachment", 999)
    )
    assert done == ["failed", "failed"]
    assert await with_files(tx) == []


async def uploaded(api: Program, name: str = "foto.png") -> Any:
    part = ("attachment", f'; filename="{name}"\r\nContent-Type: image/png', PNG)
    answer = await api.send("POST", "upload", body(part), MULTIPART)
    assert answer.status_code == 200, answer.text
    return answer.json()


def rule(*files: Any) -> dict[str, Any]:
    return {
        "name": "Send",
        "event_name": "message_created",
        "conditions": [row("content", "contains", "price")],
        "actions": [does("send_attachment", *files)],
    }


async def test_62_uploaded_files_are_taken_and_stored_as_numbers(api: Program) -> None:
    one, other = await uploaded(api), await uploaded(api, "b.png")
    made = await api.post("automation_rules", rule(one["blob_id"], other["blob_id"]))
    [action] = made["actions"]
    assert all(isinstance(number, int) for number in action["action_params"])
    assert [file["filename"] for file in made["files"]] == ["foto.png", "b.png"]
    assert made["files"][0]["blob_id"] == action["action_params"][0]
    assert made["files"][0]["automation_rule_id"] == made["id"]
    assert made["files"][0]["file_url"] == one["file_url"]


@pytest.mark.parametrize("blob", ["x" * 32, 999, None, ""])
async def test_62_what_was_never_uploaded_is_refused(api: Program, blob: Any) -> None:
    answer = await api.call("POST", "automation_rules", rule(blob))
    assert (answer.status_code, answer.json()["error"]) == (422, "Invalid attachment")
    assert (await api.get("automation_rules"))["payload"] == []


async def test_62_a_strangers_file_is_no_file(api: Program, visitor: Browser, cast: Cast) -> None:
    theirs = await uploaded(programs(visitor, cast)[2])
    answer = await api.call("POST", "automation_rules", rule(theirs["blob_id"]))
    assert (answer.status_code, answer.json()["error"]) == (422, "Invalid attachment")


async def test_65_a_change_takes_known_and_new_files_and_no_others(api: Program) -> None:
    made = await api.post("automation_rules", rule((await uploaded(api))["blob_id"]))
    [known] = made["actions"][0]["action_params"]
    path = f"automation_rules/{made['id']}"
    new = (await uploaded(api, "b.png"))["blob_id"]
    changed = (await api.patch(path, {"actions": [does("send_attachment", known, new)]}))["payload"]
    assert [file["filename"] for file in changed["files"]] == ["foto.png", "b.png"]
    answer = await api.call("PATCH", path, {"actions": [does("send_attachment", 999)]})
    assert (answer.status_code, answer.json()["error"]) == (422, "Invalid attachment")
    again = (await api.get(path))["payload"]
    assert again["actions"] == changed["actions"]


async def test_a_macro_has_files_too(api: Program) -> None:
    blob = (await uploaded(api))["blob_id"]
    made = await api.post("macros", {"name": "Prices", "actions": [does("send_attachment", blob)]})
    [file] = made["payload"]["files"]
    assert (file["filename"], file["automation_rule_id"]) == ("foto.png", None)


async def test_an_uploaded_file_is_read_at_its_address(api: Program, visitor: Browser) -> None:
    made = await uploaded(api)
    path = made["file_url"].partition("/public/")[2]
    assert (await visitor.get(f"/public/{path}")).content == PNG


async def test_what_is_no_file_is_not_kept(api: Program) -> None:
    answer = await api.call("POST", "upload", {"attachment": "foto.png"})
    assert answer.status_code == 422
    assert "multipart" in answer.json()["message"]
