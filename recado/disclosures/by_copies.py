"""What stands elsewhere as well: pages beside conversations, mail servers, and desks that are mirrored."""

from collections.abc import Sequence
from typing import Final

from recado.chatwoot.connecting import connected_servers
from recado.dashboards.saving import apps_of
from recado.db.database import Transaction
from recado.disclosures.bodies import CONTACT, CONVERSATION, names_in_bodies
from recado.disclosures.recipients import Disclosure, Means, host_in
from recado.inboxes.opening import inboxes_of
from recado.lib.facts import Variable
from recado.lib.personal import names_of_people
from recado.mailboxes.setting_up import mailboxes_of

_IN_LETTERS: Final = ("contact.name", "contact.email", "message.content", "message.attachments")
_MIRRORED: Final = (
    "contact.name", "contact.email", "contact.phone_number", "contact.identifier", "contact.custom_attribute",
    "message.content", "message.attachments", "conversation.custom_attribute",
)  # fmt: skip


async def told_by_copies(
    tx: Transaction, account_id: int, variables: Sequence[Variable]
) -> list[Disclosure]:
    """A disclosure for each address of a dashboard app, each mail server and each connected desk."""
    known = [one.name for one in variables]
    beside = names_in_bodies((CONVERSATION, CONTACT), variables)
    apps = [
        Disclosure(
            host_in(url), Means.DASHBOARD_APP, one.name, f"/app/dashboard-apps/{one.id}", True, beside
        )
        for one in await apps_of(tx, account_id)
        for url in one.urls
    ]  # fmt: skip
    inboxes = {one.id: one.name for one in await inboxes_of(tx, account_id)}
    mailboxes = [
        Disclosure(
            one.smtp_host, Means.MAILBOX, inboxes[one.inbox_id], f"/app/inboxes/{one.inbox_id}/mailbox", one.is_active,
            names_of_people(_IN_LETTERS, known),
        )
        for one in (await mailboxes_of(tx, account_id)).values()
        if one.smtp_host
    ]  # fmt: skip
    desks = [
        Disclosure(
            host_in(one.url), Means.CONNECTION, one.name, "/app/connections", True,
            names_of_people(_MIRRORED, known),
        )
        for one in await connected_servers(tx, account_id)
    ]  # fmt: skip
    return [*apps, *mailboxes, *desks]
