"""Wires of the cast to a real server, and a check that tests ask for what they name."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from recado.db.database import Database
from tests.api.contract.wire import Wire
from tests.people import Cast, a_contact, a_conversation
from tests.serving import serving


@pytest.fixture(scope="session")
async def address(_open_app: Any) -> AsyncIterator[str]:
    """The application on a port of its own."""
    async with serving(_open_app) as where:
        yield where


@pytest.fixture
def wire(address: str, cast: Cast, request: pytest.FixtureRequest) -> Iterator[Wire]:
    """Ana's program; in the end it must have reached the rows that the test names."""
    ana = Wire(address, cast.ana_token)
    yield ana
    named = {one for mark in request.node.iter_markers("row") for one in mark.args}
    assert {one for one in named if not ana.has_answered(one)} == set()


@pytest.fixture
def beto_wire(address: str, cast: Cast) -> Wire:
    """The program of Beto, who answers in the inbox Site."""
    return Wire(address, cast.beto_token)


@pytest.fixture
async def maria(cast: Cast, database: Database) -> None:
    """Contact 1."""
    async with database.transaction() as tx:
        await a_contact(tx, cast.account)


@pytest.fixture
async def chat(cast: Cast, database: Database) -> None:
    """Contact 1 and her conversation 1, in inbox 1."""
    async with database.transaction() as tx:
        await a_conversation(tx, cast.inbox, await a_contact(tx, cast.account))
