"""Client libraries made for Chatwoot, from their registries, against a real server."""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from chatwoot import AsyncChatwootClient

from tests.people import Cast
from tests.serving import serving

HERE = Path(__file__).parent
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 40


@pytest.fixture
async def url(app: Any) -> AsyncIterator[str]:
    """The application on a port of its own."""
    async with serving(app) as address:
        yield f"http://{address}"


async def test_the_official_python_library(url: str, cast: Cast) -> None:
    async with AsyncChatwootClient(base_url=url, api_token=cast.ana_token) as client:
        account = cast.account.id
        assert (await client.profile.get()).name == "Ana Lima"
        made = await client.contacts.create(
            account, inbox_id=cast.inbox.id, name="Maria", email="maria@example.com"
        )
        contact_id, source_id = made.contact.id, made.contact_inbox.source_id
        [found] = await client.contacts.search(account, "MARIA")
        assert found.id == contact_id
        assert [one.id for one in await client.contacts.list(account)] == [contact_id]
        assert (await client.contacts.get(account, contact_id)).email == "maria@example.com"
        assert await client.contacts.labels.add(account, contact_id, ["vip"]) == ["vip"]
        [place] = await client.contacts.contactable_inboxes(account, contact_id)
        assert place["source_id"] == source_id
        talk = await client.conversations.create(
            account, source_id=source_id, inbox_id=cast.inbox.id, contact_id=contact_id
        )
        sent = await client.messages.create(account, talk.id, content="Olá", private=False)
        assert (sent.content, sent.conversation_id) == ("Olá", talk.id)
        toggled = await client.conversations.toggle_status(account, talk.id, status="resolved")
        assert toggled.current_status == "resolved"
        changed = await client.conversations.assign(account, talk.id, cast.beto.user_id)
        assert changed.id == talk.id
        assert await client.conversations.labels.add(account, talk.id, ["late"]) == ["late"]
        assert {one.name for one in await client.agents.list(account)} == {"Ana Lima", "Beto Reis"}
        team = await client.teams.create(account, name="Sales")
        assert team.name == "sales"
        assert [one.id for one in await client.inboxes.list(account)] == [cast.inbox.id]


async def test_the_library_inside_evolution_api(url: str, cast: Cast, tmp_path: Path) -> None:
    node = shutil.which("node")
    if node is None or not (HERE / "node_modules").is_dir():
        pytest.skip("Needs Node.js, with which tools/clients installs the library.")
    picture = tmp_path / "foto.png"
    picture.write_bytes(PNG)
    process = await asyncio.create_subprocess_exec(
        node, str(HERE / "figuro.mjs"), url, cast.ana_token, str(cast.account.id), str(picture),
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, errors = await process.communicate()
    assert process.returncode == 0, errors.decode()
    told = json.loads(out)
    assert told["inbox"]["channel_type"] == "Channel::Api"
    assert told["inboxes"] == 2
    assert told["contact"]["contact_inboxes"][0]["source_id"]
    assert (told["searched"], told["filtered"], told["conversation"]) == (1, 1, 1)
    assert (told["plain"]["content"], told["plain"]["message_type"]) == ("Olá 😀", 0)
    assert told["plain"]["source_id"] == "WAID:1"
    assert told["plain"]["content_attributes"] == {"in_reply_to": 7}
    [attachment] = told["attached"]["attachments"]
    assert (attachment["file_type"], attachment["file_size"]) == ("image", len(PNG))
    assert attachment["data_url"].endswith("/foto.png")
    assert told["listed"] == [told["inbox"]["id"]]
    assert told["toggled"]["payload"]["current_status"] == "pending"
    assert told["shown"] == "pending"
    assert told["labels"] == {"payload": ["vip"]}
