"""`recado connect` as a command: what it prints, and what it refuses in a sentence."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from recado.db.embedded import EmbeddedPostgres
from tests.faults.ready import copy_what_is_set_up, fork_recado
from tests.standin.server import TOKEN, StandIn

LOCAL = {"RECADO_ALLOWED_NETWORKS": "127.0.0.0/8"}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A data folder for this file, set up once, with its database running."""
    folder = tmp_path_factory.mktemp("home") / "data"
    copy_what_is_set_up(folder)
    server = EmbeddedPostgres(folder)
    server.start()
    yield folder
    server.stop()


async def told(home: Path, *order: str, status: int = 0) -> str:
    done = await asyncio.to_thread(fork_recado, home, "connect", *order, **LOCAL)
    assert done.returncode == status, done.stderr
    assert "Traceback" not in done.stderr
    return done.stdout if status == 0 else done.stderr


async def test_a_connection_is_made_listed_and_removed(home: Path, chatwoot: StandIn) -> None:
    assert await told(home, "list") == "No connections.\n"
    made = await told(home, "chatwoot", "--url", chatwoot.url, "--token", TOKEN)
    assert "as connection 1" in made
    assert "set RECADO_PUBLIC_URL" in made  # since it is only known on this machine
    [line] = (await told(home, "list")).splitlines()
    assert line.startswith(f"1  Loja Antiga  {chatwoot.url}  Connected. not heard yet;")
    assert TOKEN not in line
    assert len(chatwoot.desk.webhooks) == 1
    assert (await told(home, "remove")).startswith("Removed.")
    assert chatwoot.desk.webhooks == []
    assert "--id: there are none" in await told(home, "remove", status=1)


async def test_what_is_missing_is_said_in_a_sentence(home: Path, chatwoot: StandIn) -> None:
    refused = await told(home, "chatwoot", "--url", chatwoot.url, "--token", "wrong", status=1)
    assert chatwoot.url in refused
    assert len(refused.strip().splitlines()) == 1
