"""What is told to addresses as it happens: webhooks, bots, API inboxes, and webhooks of rules and macros."""

from collections.abc import Iterator, Sequence

from recado.automation.effect_names import EffectName
from recado.automation.macros import every_macro
from recado.automation.models import AutomationRule, Macro
from recado.automation.saving import rules_of
from recado.db.database import Transaction
from recado.disclosures.bodies import CONVERSATION, names_in_bodies
from recado.disclosures.by_actions import trigger_of
from recado.disclosures.recipients import Disclosure, Means, host_in
from recado.inboxes.bots import bots_of
from recado.inboxes.opening import inboxes_of
from recado.lib.facts import Variable
from recado.webhooks.names import OF_BOTS, OF_INBOXES
from recado.webhooks.saving import webhooks_of


async def told_by_addresses(
    tx: Transaction, account_id: int, variables: Sequence[Variable]
) -> list[Disclosure]:
    """A disclosure for each address of a webhook, bot, inbox, rule and macro."""
    listening = await _listening(tx, account_id, variables)
    return [*listening, *await _effects(tx, account_id, variables)]


async def _listening(
    tx: Transaction, account_id: int, variables: Sequence[Variable]
) -> list[Disclosure]:
    inboxes = await inboxes_of(tx, account_id)
    answering = {one.agent_bot_id for one in inboxes}
    webhooks = [
        Disclosure(
            host_in(one.url), Means.WEBHOOK, one.name, f"/app/webhooks/{one.id}", True,
            names_in_bodies(one.subscriptions, variables),
        )
        for one in await webhooks_of(tx, account_id)
    ]  # fmt: skip
    bots = [
        Disclosure(
            host_in(one.outgoing_url), Means.BOT, one.name, f"/app/bots/{one.id}", one.id in answering,
            names_in_bodies(OF_BOTS, variables),
        )
        for one in await bots_of(tx, account_id)
        if one.outgoing_url
    ]  # fmt: skip
    addressed = [
        Disclosure(
            host_in(url), Means.INBOX, one.name, f"/app/inboxes/{one.id}", True,
            names_in_bodies(OF_INBOXES, variables),
        )
        for one in inboxes
        if (url := one.settings.get("webhook_url"))
    ]  # fmt: skip
    return [*webhooks, *bots, *addressed]


async def _effects(
    tx: Transaction, account_id: int, variables: Sequence[Variable]
) -> list[Disclosure]:
    rules, macros = await rules_of(tx, account_id), await every_macro(tx, account_id)
    told: list[tuple[AutomationRule | Macro, Means, str]]
    told = [(one, Means.RULE, one.event_name) for one in rules]
    told += [(one, Means.MACRO, CONVERSATION) for one in macros]
    return [
        Disclosure(
            host_in(url), means, by.name, by.href, by.is_on, names_in_bodies([event], variables)
        )
        for setting, means, event in told
        if (by := trigger_of(setting))
        for url in _addresses(setting)
    ]  # fmt: skip


def _addresses(by: AutomationRule | Macro) -> Iterator[str]:
    for effect in by.effects:
        if effect["action_name"] == EffectName.SEND_WEBHOOK_EVENT:
            yield effect["action_params"][0]
