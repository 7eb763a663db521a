"""How many requests a program may make."""

from dataclasses import replace

import pytest

from recado.api.limiting import Allowance
from recado.app import Parts, create_app
from recado.db.database import Database
from recado.deliveries.delivering import Outbound
from recado.lib.storing import DiskStore
from recado.settings import Settings
from tests.browser import Browser
from tests.people import Cast


@pytest.mark.parametrize(
    ("times", "waits"),
    [
        ([0, 0, 0], [0, 0, 0]),  # all at once
        ([0, 0, 0, 0], [0, 0, 0, 20]),  # one more: a third of a minute until the next
        ([0, 0, 0, 10], [0, 0, 0, 10]),
        ([0, 0, 0, 20], [0, 0, 0, 0]),
        ([0, 0, 0, 0, 0, 20, 20], [0, 0, 0, 20, 20, 0, 20]),  # being refused costs nothing
        ([0, 600, 600, 600, 600], [0, 0, 0, 0, 20]),  # what is not used is not saved up
    ],
)
def test_three_a_minute(times: list[int], waits: list[int]) -> None:
    allowance = Allowance(3)
    assert [allowance.seconds_to_wait("a", at) for at in times] == waits
    assert allowance.seconds_to_wait("b", 0) == 0  # somebody else


def test_no_limit_is_no_limit() -> None:
    assert {Allowance(0).seconds_to_wait("a", 0) for _ in range(10_000)} == {0}


async def test_a_program_that_asks_too_often_is_told_to_wait(
    database: Database, outbound: Outbound, settings: Settings, cast: Cast
) -> None:
    strict = replace(settings, api_requests_per_minute=2)
    async with Browser(
        create_app(Parts(strict, database, outbound, DiskStore(strict.files_dir)))
    ) as browser:
        for token, expected in (
            (cast.ana_token, [200, 200, 429]),
            (cast.beto_token, [200, 200, 429]),
            (None, [401, 401, 429]),
        ):
            answers = [await browser.api("GET", "/api/v1/profile", token) for _ in range(3)]
            assert [one.status_code for one in answers] == expected
        assert answers[-1].headers["retry-after"] == "30"
        assert answers[-1].json() == {"error": "Too many requests: wait 30 seconds."}
        assert (await browser.get("/api")).status_code == 200  # monitors may always ask
