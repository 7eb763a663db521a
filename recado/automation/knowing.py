"""What an account has that rules may name, read from the database."""

from recado.accounts.people import colleagues_of
from recado.accounts.teams import teams_of
from recado.actions.models import ActionState, CustomAction
from recado.actions.saving import actions_of
from recado.automation.known import CustomActionInfo, CustomAttributeInfo, Definitions, Known
from recado.contacts.attributes import attributes_of
from recado.contacts.kinds import AttributeKind
from recado.contacts.labels import labels_of
from recado.conversations.uploading import uploads_of
from recado.db.database import Transaction
from recado.inboxes.opening import inboxes_of
from recado.lib.addresses import Refuses
from recado.lib.mail_servers import has_mail_server


async def known_of(tx: Transaction, account_id: int, refuses: Refuses | None = None) -> Known:
    """Everything of one account that a rule may name; whoever saves says also what `refuses`."""
    return Known(
        custom_attributes=await definitions_of(tx, account_id),
        inboxes={one.id: one.name for one in await inboxes_of(tx, account_id)},
        agents={one.user_id: one.name for one in await colleagues_of(tx, account_id)},
        teams={one.id: one.name for one in await teams_of(tx, account_id)},
        labels=tuple(one.title for one in await labels_of(tx, account_id)),
        custom_actions={one.id: _info(one) for one in await actions_of(tx, account_id)},
        files={one.id: one.name for one in await uploads_of(tx, account_id)},
        sends_mail=has_mail_server(),
        refuses=refuses,
    )


def _info(action: CustomAction) -> CustomActionInfo:
    is_draft = action.state == ActionState.DRAFT
    detail = f"{action.method} {action.host}"
    return CustomActionInfo(action.name, action.is_active, is_draft, detail)


async def definitions_of(tx: Transaction, account_id: int) -> Definitions:
    """The account's custom attributes, by model and key."""
    return {
        (one.model, one.key): CustomAttributeInfo(
            AttributeKind(one.kind), tuple(map(str, one.choices)), one.name
        )
        for one in await attributes_of(tx, account_id)
    }
