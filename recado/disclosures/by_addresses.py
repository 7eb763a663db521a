"""What is told to addresses as it happens: webhooks, bots, API inboxes, and webhooks of rules and macros."""

from collections.abc import Iterator, Sequence

from recado.automation.effect_names import EffectName
from recado.automation.effect_reading import effects_in
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
    of_bots = names_in_bodies(OF_BOTS, variables)
    of_inboxes = names_in_bodies(OF_INBOXES, variables)
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
            of_bots,
        )
        for one in await bots_of(tx, account_id)
        if one.outgoing_url
    ]  # fmt: skip
    addressed = [
        Disclosure(host_in(url), Means.INBOX, one.name, f"/app/inboxes/{one.id}", True, of_inboxes)
        for one in inboxes
        if (url := one.settings.get("webhook_url"))
    ]
    return [*webhooks, *bots, *addressed]


async def _effects(
    tx: Transaction, account_id: int, variables: Sequence[Variable]
) -> list[Disclosure]:
    told: list[tuple[Means, str, AutomationRule | Macro]] = [
        *((Means.RULE, one.event_name, one) for one in await rules_of(tx, account_id)),
        *((Means.MACRO, CONVERSATION, one) for one in await every_macro(tx, account_id)),
    ]
    found: list[Disclosure] = []
    for means, event, setting in told:
        by = trigger_of(setting)
        for url in _addresses(setting):
            names = names_in_bodies([event], variables)
            found.append(Disclosure(host_in(url), means, by.name, by.href, by.is_on, names))
    return found


def _addresses(setting: AutomationRule | Macro) -> Iterator[str]:
    for effect in effects_in(setting.effects):
        if effect.name == EffectName.SEND_WEBHOOK_EVENT:
            yield str(effect.value)
