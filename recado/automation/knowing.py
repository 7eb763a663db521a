"""What an account has that rules may name, read from the database."""

from typing import Final

from recado.actions.models import ActionState
from recado.actions.urls import host_of_template
from recado.automation.known import CustomActionInfo, CustomAttributeInfo, Definitions, Known
from recado.contacts.attributes import attributes_of
from recado.contacts.kinds import AttributeKind
from recado.db.database import Transaction
from recado.db.direct import Direct
from recado.lib.addresses import Refuses
from recado.lib.mail_servers import has_mail_server


async def known_of(tx: Transaction, account_id: int, refuses: Refuses | None = None) -> Known:
    """Everything of one account that a rule may name; whoever saves says also what `refuses`.

    Of all but the attributes only names are read: of some there are thousands.
    """
    actions = await _ACTIONS.rows(tx, account_id=account_id)
    return Known(
        custom_attributes=await definitions_of(tx, account_id),
        inboxes=await _names(tx, _INBOXES, account_id),
        agents=await _names(tx, _AGENTS, account_id),
        teams=await _names(tx, _TEAMS, account_id),
        labels=tuple(one["title"] for one in await _LABELS.rows(tx, account_id=account_id)),
        custom_actions={number: _info(*told) for number, *told in actions},
        files=await _names(tx, _FILES, account_id),
        sends_mail=has_mail_server(),
        refuses=refuses,
    )


# In the order in which they are offered. Asked one by one: of arrays, which a statement for all would give,
# a thousand rows take the driver twice as long.
_INBOXES: Final = Direct("select id, name from inboxes where account_id = :account_id order by id")
_AGENTS: Final = Direct("""
    select users.id, users.name from memberships join users on users.id = user_id
    where account_id = :account_id order by lower(users.name), users.id
""")
_TEAMS: Final = Direct("select id, name from teams where account_id = :account_id order by name")
_LABELS: Final = Direct("select title from labels where account_id = :account_id order by title")
_ACTIONS: Final = Direct("""
    select id, name, state, method, url from custom_actions
    where account_id = :account_id order by lower(name), id
""")
_FILES: Final = Direct(
    "select id, name from uploads where account_id = :account_id order by id desc"
)


async def _names(tx: Transaction, statement: Direct, account_id: int) -> dict[int, str]:
    return dict(map(tuple, await statement.rows(tx, account_id=account_id)))


def _info(name: str, state: str, method: str, url: str) -> CustomActionInfo:
    is_active, is_draft = state == ActionState.ACTIVE, state == ActionState.DRAFT
    return CustomActionInfo(name, is_active, is_draft, f"{method} {host_of_template(url)}")


async def definitions_of(tx: Transaction, account_id: int) -> Definitions:
    """The account's custom attributes, by model and key."""
    return {
        (one.model, one.key): CustomAttributeInfo(
            AttributeKind(one.kind), tuple(map(str, one.choices)), one.name
        )
        for one in await attributes_of(tx, account_id)
    }
