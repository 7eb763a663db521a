"""What the application does about what nobody foresaw."""

import asyncio
import re
from typing import Any

import pytest

from recado.app import Parts, create_app
from recado.db.database import Database, is_passing
from recado.deliveries.delivering import Outbound
from recado.lib.storing import DiskStore
from recado.settings import Settings
from tests.api.calling import programs
from tests.api.test_attachments import MULTIPART, body, file
from tests.browser import Browser
from tests.people import Cast, a_contact, a_conversation


async def test_the_same_new_thing_twice_at_once_is_refused_not_broken(
    app: object, visitor: Browser, cast: Cast
) -> None:
    path = f"/api/v1/accounts/{cast.account.id}/contacts"
    body = {"name": "Maria", "email": "maria@example.com"}
    answers = await asyncio.gather(
        *(visitor.api("POST", path, cast.ana_token, body) for _ in range(6))
    )
    codes = sorted(answer.status_code for answer in answers)
    assert codes == [200, 422, 422, 422, 422, 422]


async def test_a_page_that_is_not_there_says_so(ana: Browser) -> None:
    answer = await ana.get("/app/nowhere")
    assert answer.status_code == 404
    assert "There is nothing here" in answer.text


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/api/v1/accounts/1/labels", "Try again in some seconds"),
        ("/setup?token=x", "The database does not answer"),
    ],
)
async def test_without_a_database_one_is_asked_to_come_again(
    settings: Settings, outbound: Outbound, path: str, said: str
) -> None:
    nowhere = Database("postgresql://nobody@127.0.0.1:1/none")
    app = create_app(Parts(settings, nowhere, outbound, DiskStore(settings.files_dir)))
    async with Browser(app) as visitor:
        answer = await visitor.api("GET", path, "a token")
    await nowhere.close()
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert said in answer.text


def test_a_file_that_is_missing_is_no_trouble_of_the_database() -> None:
    assert is_passing(ConnectionRefusedError(111, "refused"))
    assert is_passing(FileNotFoundError(2, "No such file or directory"))  # a socket that is gone
    assert not is_passing(FileNotFoundError(2, "No such file or directory", "data/files/1"))


_NUMBER = re.compile(r"\b[0-9a-f]{12}\b")


async def test_an_accident_has_a_number_that_the_log_has_too(
    settings: Settings, outbound: Outbound, database: Database, cast: Cast,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    broken: Any = None  # a store that cannot even be asked
    app = create_app(Parts(settings, database, outbound, broken))
    async with Browser(app) as visitor:
        answer = await visitor.get("/public/avatars/whose")
    assert answer.status_code == 500
    assert "NoneType" not in answer.text, "what went wrong is for the log"
    assert [one for one in _NUMBER.findall(answer.text) if f"Request {one}:" in caplog.text]


async def test_a_program_hears_the_number_of_an_accident(
    settings: Settings, outbound: Outbound, database: Database, cast: Cast,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    async with database.transaction() as tx:
        talk = await a_conversation(tx, cast.inbox, await a_contact(tx, cast.account))
    broken: Any = None
    path = f"conversations/{talk.display_id}/messages"
    async with Browser(create_app(Parts(settings, database, outbound, broken))) as visitor:
        api = programs(visitor, cast)[0]
        answer = await api.send("POST", path, body(file("a.txt", "text/plain", b"a")), MULTIPART)
    assert answer.status_code == 500
    told = answer.json()
    assert list(told) == ["error"]
    assert f"Request {_NUMBER.findall(told['error'])[0]}:" in caplog.text
    assert "NoneType" not in told["error"]
