"""Every effect of a rule: what it leaves when it is done, and the sentence when it is not."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import delete, select, text

from recado.accounts.teams import create_team, set_team_members
from recado.actions.models import ActionState
from recado.automation.effect_names import BY_MAIL, EffectName
from recado.automation.models import AutomationRule, RuleVerdict
from recado.contacts.attributes import AttributeDraft, create_attribute
from recado.contacts.models import AttributeKind, AttributeModel, Contact
from recado.conversations.models import Conversation, MessageType
from recado.conversations.posting import StoredFile
from recado.conversations.uploading import keep_upload
from recado.db.database import Transaction
from recado.lib.files import FileDraft
from recado.lib.mail_servers import mail_server, use_mail_server
from recado.mail.models import Email, Progress
from tests.automation.stories import a_rule, an_action, change, does, post, run
from tests.people import NOW, Cast, a_message


@dataclass(frozen=True)
class World:
    """What the rows of the tables name."""

    cast: Cast
    active: int  # custom actions
    draft: int
    broken: int
    sales: int  # a team with Beto in it
    nobody: int  # an empty one
    file: int
    outsider: int  # an administrator's colleague who does not answer in the inbox


Row = tuple[EffectName, Callable[[World], Any], str, str]  # its parameter, the result, the sentence


@pytest.fixture
def _mail() -> Iterator[None]:
    use_mail_server(mail_server("smtps://mail.example.com", "desk@acme.example"))
    yield
    use_mail_server(None)


@pytest.fixture
async def world(tx: Transaction, people: Cast, talk: Conversation) -> World:
    """A conversation with a label, a priority, an agent who has not replied, and things to name."""
    sales = await create_team(tx, people.account.id, "sales")
    nobody = await create_team(tx, people.account.id, "nobody")
    await set_team_members(tx, sales, {people.beto.user_id})
    await create_attribute(
        tx, people.account.id,
        AttributeDraft("Plan", "plan", AttributeKind.NUMBER, AttributeModel.CONTACT), now=NOW,
    )  # fmt: skip
    active = await an_action(tx, people, "CRM")
    draft = await an_action(tx, people, "Draft", ActionState.DRAFT)
    broken = await an_action(
        tx, people, "Broken", body="{% for a in (1..100000) %}{{ a }}{% endfor %}"
    )
    await change(tx, talk, labels=["vip"], priority="high", team_id=nobody.id,
                 assignee_id=people.beto.user_id)  # fmt: skip
    await run(tx)
    stored = StoredFile("k" * 32, FileDraft("price list.pdf", "application/pdf", 7))
    file = (await keep_upload(tx, people.account.id, stored, now=NOW)).id
    return World(
        people, active.id, draft.id, broken.id, sales.id, nobody.id, file, people.ana.user_id
    )


def plan(value: str) -> dict[str, str]:
    return {"attribute_key": "plan", "custom_attribute_type": "contact_attribute", "value": value}


def none(_: World) -> None:
    return None


E = EffectName
DONE: list[Row] = [
    (E.ASSIGN_AGENT, lambda w: w.outsider, "done", ""),
    (E.ASSIGN_TEAM, lambda w: w.sales, "done", ""),
    (E.REMOVE_ASSIGNED_AGENT, none, "done", ""),
    (E.REMOVE_ASSIGNED_TEAM, none, "done", ""),
    (E.ADD_LABEL, lambda _: "bug", "done", ""),
    (E.REMOVE_LABEL, lambda _: "vip", "done", ""),
    (E.SEND_MESSAGE, lambda _: "Hi {{ contact.first_name }}", "done", ""),
    (E.ADD_PRIVATE_NOTE, lambda _: "{{ contact.email }}", "done", ""),
    (E.CHANGE_STATUS, lambda _: "pending", "done", ""),
    (E.CHANGE_PRIORITY, lambda _: "urgent", "done", ""),
    (E.RESOLVE_CONVERSATION, none, "done", ""),
    (E.PENDING_CONVERSATION, none, "done", ""),
    (E.SNOOZE_CONVERSATION, lambda _: "60", "done", ""),
    (E.MUTE_CONVERSATION, none, "done", ""),
    (E.SEND_CUSTOM_ACTION, lambda w: w.active, "done", ""),
    (E.SET_CUSTOM_ATTRIBUTE, lambda _: plan("7"), "done", ""),
    (E.SEND_WEBHOOK_EVENT, lambda _: "https://n8n.example/hook", "done", ""),
    (E.SEND_ATTACHMENT, lambda w: w.file, "done", ""),
    (E.SEND_EMAIL_TRANSCRIPT, lambda _: "{{ contact.email }}, a@example.com", "done", ""),
    (E.SEND_EMAIL_TO_TEAM, lambda w: {"team_ids": [w.sales], "message": "Look"}, "done", ""),
]
UNCHANGED: list[Row] = [
    (E.ASSIGN_AGENT, lambda w: w.cast.beto.user_id, "unchanged", ""),
    (E.ASSIGN_TEAM, lambda w: w.nobody, "unchanged", ""),
    (E.ADD_LABEL, lambda _: "vip", "unchanged", ""),
    (E.REMOVE_LABEL, lambda _: "bug", "unchanged", ""),
    (E.CHANGE_STATUS, lambda _: "open", "unchanged", ""),
    (E.OPEN_CONVERSATION, none, "unchanged", ""),
    (E.CHANGE_PRIORITY, lambda _: "high", "unchanged", ""),
    (E.SET_CUSTOM_ATTRIBUTE, lambda _: plan(""), "unchanged", ""),
]
BROKEN = "{{ contact.name"
REFUSED: list[Row] = [
    (E.ASSIGN_AGENT, lambda _: "last_responding_agent", "skipped", "Nobody has replied yet."),
    (E.ASSIGN_AGENT, lambda w: w.cast.celia.user_id, "failed", "no longer in the account"),
    (E.ASSIGN_TEAM, lambda _: 999, "failed", "This team was deleted."),
    (E.SEND_MESSAGE, lambda _: "{{ contact.identifier }}", "skipped", "The text is empty"),
    (E.SEND_MESSAGE, lambda _: BROKEN, "failed", "}}"),
    (E.ADD_PRIVATE_NOTE, lambda _: " ", "skipped", "The text is empty"),
    (E.SEND_CUSTOM_ACTION, lambda _: 999, "failed", "The custom action was deleted."),
    (E.SEND_CUSTOM_ACTION, lambda w: w.draft, "skipped", "the custom action is still a draft."),
    (E.SEND_CUSTOM_ACTION, lambda w: w.broken, "failed", "A range needs two plain numbers"),
    (E.SET_CUSTOM_ATTRIBUTE, lambda _: plan("many"), "failed", "“many” is not a value of Plan."),
    (E.SET_CUSTOM_ATTRIBUTE, lambda _: plan("1") | {"attribute_key": "gone"}, "failed",
     "This custom attribute was deleted."),
    (E.SET_CUSTOM_ATTRIBUTE, lambda _: plan(BROKEN), "failed", "}}"),
    (E.SEND_ATTACHMENT, lambda _: 999, "failed", "The file was deleted."),
    (E.SEND_EMAIL_TRANSCRIPT, lambda _: "{{ contact.identifier }}", "skipped", "no e-mail address in"),
    (E.SEND_EMAIL_TRANSCRIPT, lambda _: "{{ contact.name }}", "failed", "“Maria Souza” is no e-mail"),
    (E.SEND_EMAIL_TRANSCRIPT, lambda _: "a@example.com, b", "done", "“b” is no e-mail address."),
    (E.SEND_EMAIL_TRANSCRIPT, lambda _: BROKEN, "failed", "}}"),
    (E.SEND_EMAIL_TO_TEAM, lambda w: {"team_ids": [w.nobody], "message": "x"}, "skipped",
     "Nobody is in this team."),
    (E.SEND_EMAIL_TO_TEAM, lambda _: {"team_ids": [999], "message": "x"}, "failed",
     "This team was deleted."),
    (E.SEND_EMAIL_TO_TEAM, lambda w: {"team_ids": [w.sales], "message": BROKEN}, "failed", "}}"),
]  # fmt: skip


async def the_effect(tx: Transaction, rule: AutomationRule) -> Any:
    """The only effect of the rule's only verdict that has one."""
    query = select(RuleVerdict).where(RuleVerdict.rule_id == rule.id)
    [effect] = next(one.effects for one in await tx.scalars(query) if one.effects)
    return effect


@pytest.mark.usefixtures("_mail")
@pytest.mark.parametrize(("name", "param", "result", "said"), [*DONE, *UNCHANGED, *REFUSED])
async def test_an_effect_leaves_its_outcome(
    tx: Transaction, world: World, talk: Conversation, name: EffectName, param: Any, result: str,
    said: str,
) -> None:  # fmt: skip
    given = param(world)
    rule = await a_rule(tx, world.cast, does(name, *([] if given is None else [given])))
    await a_message(tx, talk, "not a host")
    await run(tx)
    effect = await the_effect(tx, rule)
    sentence = effect["sentence"]
    told = sentence["text"] % sentence["values"] if sentence else ""
    assert (effect["action_name"], effect["result"]) == (name, result), told
    assert said in told
    assert bool(said) == bool(told)


def test_every_effect_stands_in_the_table() -> None:
    can_be_done = {row[0] for row in DONE} | {E.OPEN_CONVERSATION}  # done in numbered behaviour 52
    assert can_be_done == set(EffectName)


@pytest.mark.parametrize("name", sorted(BY_MAIL))
async def test_without_a_mail_server_an_effect_by_mail_says_so_and_is_kept(
    tx: Transaction, world: World, talk: Conversation, name: EffectName
) -> None:
    param = next(row[1] for row in DONE if row[0] == name)(world)
    rule = await a_rule(tx, world.cast, does(name, param))
    await a_message(tx, talk)
    await run(tx)
    effect = await the_effect(tx, rule)
    assert effect["result"] == "skipped"
    assert "RECADO_SMTP_URL" in effect["sentence"]["text"]
    emails = list(await tx.scalars(select(Email)))
    assert effect["email_ids"] == [one.id for one in emails]
    assert {one.state for one in emails} == {Progress.SKIPPED}


@pytest.mark.parametrize(
    "name", sorted(set(EffectName) - {E.SEND_CUSTOM_ACTION, E.SEND_WEBHOOK_EVENT})
)
async def test_an_effect_on_a_deleted_conversation_says_so(
    tx: Transaction, world: World, talk: Conversation, name: EffectName
) -> None:
    rows = {row[0]: row[1] for row in [*UNCHANGED, *DONE]}
    param = rows[name](world)
    rule = await a_rule(tx, world.cast, does(name, *([] if param is None else [param])))
    await a_message(tx, talk)
    await tx.execute(text("delete from messages"))
    await tx.execute(delete(Conversation))
    await tx.execute(delete(Contact))
    tx.expunge_all()
    await run(tx)
    effect = await the_effect(tx, rule)
    assert effect["result"] == "failed"
    gone = "contact" if name is E.SET_CUSTOM_ATTRIBUTE else "conversation"
    assert effect["sentence"]["text"] == f"The {gone} was deleted."


async def test_an_outcome_does_not_stop_the_next_effect(
    tx: Transaction, world: World, talk: Conversation
) -> None:
    await a_rule(tx, world.cast, does(E.ASSIGN_TEAM, 999), does(E.ADD_LABEL, "bug"))
    await post(tx, talk, "Hello", MessageType.INCOMING)
    await run(tx)
    assert talk.labels == ["bug", "vip"]
