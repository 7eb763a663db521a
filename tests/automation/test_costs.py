"""What running rules costs, counted in statements: many events cost no more than one."""

import pytest

from recado.automation.knowing import known_of
from recado.automation.rule_book import RuleBook
from recado.automation.running import run_rules, take_lanes
from recado.contacts.kinds import AttributeModel
from recado.db.database import Database, Transaction, database_now
from recado.deliveries.models import Delivery
from recado.events.models import LANES
from tests.automation.rules import row
from tests.automation.stories import a_rule, an_action, does, verdicts
from tests.browser import Browser
from tests.counting import counted, counted_calls
from tests.people import Cast, a_contact, a_conversation, a_message, gather
from tests.wide import MANY, widen

# Of a batch, whatever its size: two find its events, one asks who listens (webhooks, API inboxes, agent
# bots) and who follows its conversations, three read what its rules need (two of them only where rules
# changed, as in a first batch), two write deliveries and counts of calls. At its end one more writes
# verdicts and counts of rules, and that the events are handled.
MOST = 8
CALLS = 1_500  # of functions, for an event whose rule sends a call; 1,050 when this was written


async def _events(database: Database, cast: Cast, number: int) -> None:
    async with database.transaction() as tx:
        action = await an_action(tx, cast)
        await a_rule(tx, cast, does("send_custom_action", action.id))
        await a_rule(tx, cast, does("resolve_conversation"), when=row("content", "contains", "no"))
        contact = await a_contact(tx, cast.account)
        for _ in range(number):
            talk = await a_conversation(tx, cast.inbox, contact)
            await a_message(tx, talk)


@pytest.mark.parametrize("number", [1, 30])
async def test_a_batch_of_events_costs_as_many_statements_as_one(
    database: Database, cast: Cast, number: int
) -> None:
    await _events(database, cast, number)
    book = RuleBook()
    async with database.transaction() as tx:
        now = await database_now(tx)
        with counted(database) as statements:
            assert await run_rules(tx, book, await take_lanes(tx), now=now) >= number
        made = await tx.run_sync(lambda session: session.query(Delivery).count())
        assert (made, len(await verdicts(tx))) == (number, 2 * number)
    assert len(statements) <= MOST, "\n".join(statements)


async def test_an_event_among_many_costs_few_calls(database: Database, cast: Cast) -> None:
    await _events(database, cast, 1)
    book = RuleBook()
    await _run(database, book)  # what is prepared once is prepared
    async with database.transaction() as tx:
        talk = await a_conversation(
            tx, cast.inbox, await a_contact(tx, cast.account, email=None, phone_number=None)
        )
        for _ in range(40):
            await a_message(tx, talk)
    with counted_calls() as calls:
        number = await _run(database, book)
    assert number >= 40
    assert calls.number / number < CALLS


async def _run(database: Database, book: RuleBook) -> int:
    async with database.transaction() as tx:
        now = await database_now(tx)
        return await run_rules(tx, book, await take_lanes(tx), now=now)


async def test_only_lanes_that_wait_are_named(tx: Transaction) -> None:
    people = await gather(tx)
    assert await take_lanes(tx) == []
    talk = await a_conversation(tx, people.inbox, await a_contact(tx, people.account))
    await a_message(tx, talk)
    assert set(await take_lanes(tx)) <= {0, talk.id % LANES}  # 0: the contact's own
    assert talk.id % LANES in await take_lanes(tx)


async def test_what_rules_may_name_is_read_as_rows(tx: Transaction) -> None:
    here = await gather(tx)
    action = await an_action(tx, here)
    await widen(tx, here)
    await tx.flush()
    tx.expunge_all()
    known = await known_of(tx, here.account.id)
    assert not tx.sync_session.identity_map.values()
    assert len(known.agents) == MANY + 2
    assert known.agents[here.beto.user_id] == "Beto Reis"
    assert (len(known.inboxes), known.inboxes[here.inbox.id]) == (MANY + 1, "Site")
    assert (len(known.teams), len(known.labels)) == (MANY, MANY)
    assert known.custom_attributes[(AttributeModel.CONTACT, "key_7")].label == "key_7"
    assert known.custom_actions[action.id].detail == f"{action.method} {action.host}"


async def test_what_has_been_seen_of_a_conversation_asks_for_nothing_else(
    ana: Browser, database: Database
) -> None:
    with counted(database) as statements:
        seen = await ana.get("/app/automation/verdicts?conversation=1&seen=0")
    assert seen.status_code == 204
    assert len(statements) <= 2, "\n".join(statements)  # who asks, and the verdicts
