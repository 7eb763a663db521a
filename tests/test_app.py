"""What the application does about what nobody foresaw."""

import asyncio

from tests.browser import Browser
from tests.people import Cast


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
