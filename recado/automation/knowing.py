"""What an account has that rules may name, read from the database."""

from typing import Final

from recado.actions.models import ActionState
from recado.actions.urls import host_of_template
from recado.automation.known import CustomActionInfo, CustomAttributeInfo, Definitions, Known
from recado.contacts.attributes import attributes_of
from recado.contacts.kinds import AttributeKind
from recado.db.database import Transaction
from recado.db.direct import Direct, rows_beside
from recado.lib.addresses import Refuses
from recado.lib.mail_servers import has_mail_server


async def known_of(tx: Transaction, account_id: int, refuses: Refuses | None = None) -> Known:
    """Everything of one account that a rule may name; whoever saves says also what `refuses`.

    Of all but the attributes it is names that are read, in one statement: of some there are thousands.
    """
    inboxes, agents, teams, labels, actions, files = await rows_beside(
        tx, *(one.asked(account_id=account_id) for one in _NAMED)
    )
    return Known(
        custom_attributes=await definitions_of(tx, account_id),
        inboxes={one[0]: one[1] for one in inboxes},
        agents={one[0]: one[1] for one in agents},
        teams={one[0]: one[1] for one in teams},
        labels=tuple(one[0] for one in labels),
        custom_actions={one[0]: _info(*one[1:]) for one in actions},
        files={one[0]: one[1] for one in files},
        sends_mail=has_mail_server(),
        refuses=refuses,
    )


# In the order in which they are offered.
_NAMED: Final = (
    Direct("select id, name from inboxes where account_id = :account_id order by id"),
    Direct("""
        select users.id, users.name from memberships join users on users.id = user_id
        where account_id = :account_id order by lower(users.name), users.id
    """),
    Direct("select id, name from teams where account_id = :account_id order by name"),
    Direct("select title from labels where account_id = :account_id order by title"),
    Direct("""
        select id, name, state, method, url from custom_actions
        where account_id = :account_id order by lower(name), id
    """),
    Direct("select id, name from uploads where account_id = :account_id order by id desc"),
)


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
