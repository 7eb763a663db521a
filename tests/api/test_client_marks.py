"""What a contact's own program notes on its conversation, and what it learns of labels: nothing."""

from recado.contacts.labels import create_label
from recado.db.database import Database
from tests.api.calling import Program
from tests.api.test_client import Client
from tests.api.test_client import client as client
from tests.people import Cast


async def _start(client: Client) -> str:
    me = await client.ok("POST", "/contacts")
    path = f"/contacts/{me['source_id']}/conversations"
    body = {"custom_attributes": {"order": "7", "none": None}}
    return f"{path}/{(await client.ok('POST', path, body))['id']}"


async def test_attributes_are_merged_and_a_null_removes_one(client: Client, api: Program) -> None:
    path = await _start(client)
    assert (await api.get("conversations/1"))["custom_attributes"] == {"order": "7"}
    told = {"custom_attributes": {"order": None, "size": "42"}}
    assert await client.ok("POST", f"{path}/custom_attributes", told) is None
    assert (await api.get("conversations/1"))["custom_attributes"] == {"size": "42"}


async def test_labels_of_the_account_are_put_and_taken(
    client: Client, api: Program, cast: Cast, database: Database
) -> None:
    async with database.transaction() as tx:
        for title in ("vip", "late"):
            await create_label(tx, cast.account.id, title)
    path = await _start(client)
    for label in ("VIP", "late", "invented"):
        assert await client.ok("POST", f"{path}/labels", {"label": label}) is None
    assert (await api.get("conversations/1"))["labels"] == ["late", "vip"]
    for label in ("late", "invented"):
        assert await client.ok("DELETE", f"{path}/labels/{label}") is None
    assert (await api.get("conversations/1"))["labels"] == ["vip"]
    assert (await client.call("POST", f"{path}/labels", {"label": " "})).status_code == 422


async def test_nobody_marks_the_conversation_of_another(client: Client, api: Program) -> None:
    await _start(client)
    other = (await client.ok("POST", "/contacts"))["source_id"]
    path = f"/contacts/{other}/conversations/1"
    marks = {"custom_attributes": {"order": "8"}}
    assert (await client.call("POST", f"{path}/custom_attributes", marks)).status_code == 404
    assert (await client.call("POST", f"{path}/labels", {"label": "vip"})).status_code == 404
    assert (await client.call("DELETE", f"{path}/labels/vip")).status_code == 404
    assert (await api.get("conversations/1"))["custom_attributes"] == {"order": "7"}
