"""Two accounts of one person in two tabs: what was opened in one is never done in the other."""

from typing import Any

import pytest
from sqlalchemy import select

from recado.accounts.doors import ACCOUNT_COOKIE, DRAWN_FOR, who_is
from recado.accounts.models import Membership, Role
from recado.accounts.people import add_member, find_membership
from recado.contacts.models import Label
from recado.db.database import Database
from tests.browser import Browser
from tests.people import PASSWORD, Cast


@pytest.fixture
async def there(database: Database, cast: Cast) -> Membership:
    """Ana, in Célia's account too."""
    async with database.transaction() as tx:
        await add_member(tx, cast.other_account.id, cast.ana.user_id, Role.ADMINISTRATOR)
        member = await find_membership(tx, cast.other_account.id, cast.ana.user_id)
    assert member is not None
    return member


async def _enter(who: Browser, account_id: int) -> None:
    entered = await who.post("/app/profile/account", {"account_id": str(account_id)})
    assert entered.status_code == 303
    await who.get("/app/conversations")


async def _send_label(who: Browser, title: str, token: str | None) -> Any:
    form = {"title": title, "color": "#1f93ff", "_csrf_token": token or ""}
    return await who._client.post("/app/labels", data=form)


async def _labels(database: Database) -> dict[str, int]:
    async with database.transaction() as tx:
        return {one.title: one.account_id for one in await tx.scalars(select(Label))}


async def test_a_form_opened_before_is_saved_nowhere_until_one_comes_back(
    ana: Browser, cast: Cast, there: Membership, database: Database
) -> None:
    token = ana._client.cookies["recado_csrf"]
    await _enter(ana, there.account_id)
    refused = await _send_label(ana, "stale", token)
    assert refused.status_code == 403
    assert "This page is no longer valid" in refused.text
    fresh = await _send_label(ana, "fresh", ana._client.cookies["recado_csrf"])
    assert fresh.status_code == 303
    await _enter(ana, cast.account.id)
    assert (await _send_label(ana, "back", token)).status_code == 303
    assert await _labels(database) == {"fresh": there.account_id, "back": cast.account.id}


@pytest.mark.parametrize("path", ["/app/conversations/list", "/app/notifications/count"])
async def test_no_part_of_another_account_is_drawn_into_a_page(
    ana: Browser, cast: Cast, there: Membership, path: str
) -> None:
    drawn = {DRAWN_FOR: who_is(cast.ana), "hx-request": "true"}
    assert (await ana.get(path, headers=drawn)).status_code == 200
    await _enter(ana, there.account_id)
    answer = await ana.get(path, headers=drawn)
    assert answer.status_code == 409
    assert answer.headers["recado-elsewhere"] == "1"
    assert answer.headers["hx-reswap"] == "none"
    assert f"In another tab you went to {there.account.name} as {there.user.name}" in answer.text
    assert (await ana.get(path, headers=drawn | {DRAWN_FOR: who_is(there)})).status_code == 200


async def test_nothing_is_done_for_whoever_signed_in_since(
    ana: Browser, beto: Browser, cast: Cast
) -> None:
    """Beto sits down at the browser in which a page of Ana's is open."""
    page = (await ana.get("/app/conversations")).text
    assert f'"{DRAWN_FOR}": "{who_is(cast.ana)}"' in page
    drawn = {DRAWN_FOR: who_is(cast.ana), "x-csrftoken": beto._client.cookies["recado_csrf"]}
    answer = await beto._client.post("/app/profile", data={"name": "Ana"}, headers=drawn)
    assert answer.status_code == 409
    assert "Ana" not in (await beto.get("/app/profile")).text


async def test_signing_in_leads_to_the_account_last_open(
    ana: Browser, cast: Cast, there: Membership
) -> None:
    await _enter(ana, there.account_id)
    await ana.post("/app/sign-out")
    await ana.signed_in_as(cast.ana)
    assert f'"{who_is(there)}"' in (await ana.get("/app/profile")).text


@pytest.mark.parametrize("last", ["", "x", "999", "1" * 30])
async def test_signing_in_leads_to_the_oldest_where_there_is_no_other(
    visitor: Browser, cast: Cast, there: Membership, last: str
) -> None:
    visitor._client.cookies.set(ACCOUNT_COOKIE, last)
    await visitor.get("/sign-in")
    form = {"email": cast.ana.user.email, "password": PASSWORD}
    assert (await visitor.post("/sign-in", form)).status_code == 303
    assert f'"{who_is(cast.ana)}"' in (await visitor.get("/app/profile")).text
