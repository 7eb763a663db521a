"""The bell, the list, and what each person wants to be told."""

import pytest

from recado.accounts.profiles import choose_language
from recado.conversations.finding import THREAD, find_conversation
from recado.conversations.mentioning import mention
from recado.db.database import Database, database_now
from recado.notifications.models import Kind, Way
from recado.notifications.pruning import RETENTION, prune_notifications
from recado.notifications.writing import Wanted, write_notifications
from tests.browser import Browser
from tests.people import NOW, Cast, a_contact, a_conversation, a_message

BELL = "/app/notifications/count"


@pytest.fixture(autouse=True)
async def mentioned(database: Database, cast: Cast) -> None:
    """Ana has mentioned Beto in a conversation with Maria."""
    async with database.transaction() as tx:
        talk = await a_conversation(tx, cast.inbox, await a_contact(tx, cast.account))
        said = await a_message(tx, talk, f"{mention('user', cast.beto.user_id, 'Beto')} <b>see</b>")
        one = Wanted(
            cast.account.id, cast.beto.user_id, Kind.MENTION, tuple(Way), NOW,
            conversation_id=talk.id, message_id=said.id, by_user_id=cast.ana.user_id,
        )  # fmt: skip
        await write_notifications(tx, [one])


async def bell(browser: Browser) -> str:
    return (await browser.get(BELL, headers={"hx-request": "true"})).text


async def test_the_list_says_what_happened(beto: Browser) -> None:
    shown = (await beto.get("/app/notifications")).text
    assert "Ana Lima mentioned you with Maria Souza" in shown
    assert "@Beto &lt;b&gt;see&lt;/b&gt;" in shown
    assert "mention://" not in shown


async def test_one_leads_to_what_was_said_however_much_came_after(
    beto: Browser, database: Database, cast: Cast
) -> None:
    async with database.transaction() as tx:
        talk = await find_conversation(tx, cast.account.id, 1, for_change=True)
        assert talk is not None
        for number in range(2 * THREAD + 1):
            await a_message(tx, talk, f"After it, {number}")
    opened = await beto.get("/app/notifications/1/open")
    shown = (await beto.get(opened.headers["location"])).text
    assert 'id="message-1"' in shown
    assert 'id="message-1"' not in (await beto.get("/app/conversations/1")).text


async def test_each_kind_is_offered_in_one_s_own_words(
    ana: Browser, beto: Browser, database: Database, cast: Cast
) -> None:
    async with database.transaction() as tx:
        for member in (cast.ana, cast.beto):
            await choose_language(tx, member.user_id, "pt_BR")
    for browser, failing in ((ana, 1), (beto, 0)):
        shown = (await browser.get("/app/profile/notifications")).text
        assert "Uma mensagem nova em conversa que sigo e que não estou vendo" in shown
        assert shown.count("Uma ação personalizada falha") == failing


async def test_the_bell_counts_what_is_unread(beto: Browser, ana: Browser) -> None:
    assert 'title-count value="1"' in await bell(beto)
    assert 'title-count value="0"' in await bell(ana)


async def test_whoever_opens_one_has_read_it(beto: Browser) -> None:
    answer = await beto.get("/app/notifications/1/open")
    assert answer.headers["location"] == "/app/conversations/1?message=1#message-1"
    assert 'title-count value="0"' in await bell(beto)
    assert "mentioned you" in (await beto.get("/app/notifications")).text
    assert "mentioned you" not in (await beto.get("/app/notifications?show=unread")).text


async def test_somebody_elses_cannot_be_told_from_none(
    ana: Browser, celia: Browser, beto: Browser
) -> None:
    for browser in (ana, celia):
        for about in ("", "?action=7"):
            theirs, none = [
                await browser.get(f"/app/notifications/{number}/open{about}") for number in (1, 99)
            ]
            assert theirs.status_code == none.status_code == (303 if about else 404)
            assert theirs.headers.get("location") == none.headers.get("location")
    assert 'title-count value="1"' in await bell(beto)


async def test_all_are_read_at_once(beto: Browser) -> None:
    await beto.post("/app/notifications/read")
    assert "Nothing unread" in (await beto.get("/app/notifications?show=unread")).text


async def test_a_person_chooses_what_they_are_told(beto: Browser) -> None:
    before = (await beto.get("/app/profile/notifications")).text
    assert before.count(" checked") == before.count('name="told"') > 0
    await beto.post("/app/profile/notifications", {"told": f"page {Kind.MENTION}"})
    after = (await beto.get("/app/profile/notifications")).text
    assert after.count(" checked") == 1
    assert f'value="page {Kind.MENTION}" checked' in after


async def test_only_administrators_are_asked_about_actions(beto: Browser, ana: Browser) -> None:
    assert Kind.FAILING_ACTION not in (await beto.get("/app/profile/notifications")).text
    assert Kind.FAILING_ACTION in (await ana.get("/app/profile/notifications")).text


async def test_a_browser_without_scripts_is_led_to_the_list(beto: Browser) -> None:
    assert (await beto.get(BELL)).headers["location"] == "/app/notifications"


async def test_the_browser_is_told_what_is_fresh(
    beto: Browser, ana: Browser, database: Database, cast: Cast
) -> None:
    path = "/app/notifications/fresh"
    assert (await beto.get(path)).json() == {"notifications": []}  # it is of an earlier day
    async with database.transaction() as tx:
        again = Wanted(
            cast.account.id, cast.beto.user_id, Kind.MENTION, ("push",), await database_now(tx),
            conversation_id=1,
        )  # fmt: skip
        await write_notifications(tx, [again])
    [told] = (await beto.get(path)).json()["notifications"]
    assert told["key"] == "1.2"
    assert told["title"] == "Recado mentioned you with Maria Souza"
    assert told["path"] == "/app/conversations/1"
    assert (await ana.get(path)).json() == {"notifications": []}
    assert (await beto.get(told["opens"])).headers["location"] == told["path"]
    assert (await beto.get(path)).json() == {"notifications": []}  # it is read


async def test_whoever_looks_at_the_conversation_has_read_it(beto: Browser, ana: Browser) -> None:
    await ana.post("/app/conversations/1/look")
    assert 'title-count value="1"' in await bell(beto)
    await beto.post("/app/conversations/1/look")
    assert 'title-count value="0"' in await bell(beto)


GONE = "That notification is not yours, or no longer kept"


async def test_one_that_is_gone_leads_where_its_address_says(
    ana: Browser, beto: Browser, celia: Browser, database: Database, cast: Cast
) -> None:
    async with database.transaction() as tx:
        assert await prune_notifications(tx, now=NOW + 2 * RETENTION) == 1
    path = "/app/notifications/1/open"
    for browser, about, leads in (
        (ana, "?action=7", "/app/deliveries?action=7"),  # the log outlives the action
        (ana, f"?inbox={cast.inbox.id}", f"/app/inboxes/{cast.inbox.id}/mailbox"),
        (ana, "?inbox=99999", ""),
        (celia, f"?inbox={cast.inbox.id}", ""),
        (beto, "?action=7", ""),  # not for agents
        (beto, "?action=x", ""),
    ):
        answer = await browser.get(path + about)
        assert answer.headers.get("location", "") == leads, about
        assert answer.status_code == (303 if leads else 404), about
        assert (GONE in answer.text) is (not leads)
    assert GONE not in (await beto.get("/app/notifications")).text
