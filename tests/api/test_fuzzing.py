"""Schemathesis reads our own description of the API and finds no request that breaks the server."""

import asyncio
import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from recado.app import Parts, create_app
from recado.db.database import Database
from recado.deliveries.delivering import Outbound
from recado.lib.storing import DiskStore
from recado.settings import Settings
from tests.people import Cast, a_contact, a_conversation, a_message
from tests.serving import serving

_CONFIG = """
[parameters]
account_id = {account_id}
"""


@pytest.fixture
async def address(database: Database, outbound: Outbound, settings: Settings, cast: Cast) -> Any:
    """A server with a conversation in it."""
    async with database.transaction() as tx:
        conversation = await a_conversation(tx, cast.inbox, await a_contact(tx, cast.account))
        await a_message(tx, conversation)
    unlimited = replace(settings, api_requests_per_minute=0)
    async with serving(
        create_app(Parts(unlimited, database, outbound, DiskStore(unlimited.files_dir)))
    ) as where:
        yield where


async def test_no_request_that_the_description_allows_breaks_the_server(
    address: str, cast: Cast, tmp_path: Path
) -> None:
    config = tmp_path / "schemathesis.toml"
    config.write_text(_CONFIG.format(account_id=cast.account.id))
    process = await asyncio.create_subprocess_exec(
        str(Path(sys.executable).with_name("schemathesis")), "--config-file", str(config), "run",
        f"http://{address}/api/openapi.json", "--header", f"Api-Access-Token: {cast.ana_token}",
        "--checks", "not_a_server_error", "--phases", "fuzzing", "--max-examples", "2",
        "--generation-deterministic", "--no-shrink", "--request-timeout", "30",
        "--suppress-health-check", "all", "--warnings", "off",
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT, cwd=tmp_path,
        env={**os.environ, "NO_COLOR": "1"},
    )  # fmt: skip
    out, _ = await process.communicate()
    told = out.decode()
    assert process.returncode == 0, told[-4000:]
    assert "API Operations" in told
