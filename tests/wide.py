"""A wide account: many people, inboxes, labels, attributes, teams, of which a page or a call shows few."""

from recado.accounts.models import Membership, Role, Team, User
from recado.contacts.kinds import AttributeKind, AttributeModel
from recado.contacts.models import CustomAttribute, Label
from recado.db.database import Transaction
from recado.inboxes.models import Channel, Inbox, InboxMember
from tests.people import NOW, Cast

MANY = 40


async def widen(tx: Transaction, cast: Cast) -> None:
    """Give Ana's account so `MANY` more of each; its people answer in its inbox, and Beto in all."""
    of, inboxes = cast.account.id, [_inbox(cast.account.id, f"Inbox {n}") for n in range(MANY)]
    people = [
        User(name=f"Agent {n}", email=f"agent{n}@acme.example", password_hash="", created_at=NOW)
        for n in range(MANY)
    ]
    tx.add_all([*people, *inboxes])
    await tx.flush()
    tx.add_all(Membership(account_id=of, user_id=one.id, role=Role.AGENT) for one in people)
    tx.add_all(InboxMember(inbox_id=cast.inbox.id, user_id=one.id) for one in people)
    tx.add_all(InboxMember(inbox_id=one.id, user_id=cast.beto.user_id) for one in inboxes)
    for n in range(MANY):
        tx.add(Label(account_id=of, title=f"label-{n}"))
        tx.add(Team(account_id=of, name=f"team {n}"))
        tx.add_all(_attribute(of, model, f"key_{n}") for model in AttributeModel)
    await tx.flush()


def _inbox(account_id: int, name: str) -> Inbox:
    return Inbox(
        account_id=account_id, name=name, channel=Channel.API, identifier=f"wide {name}",
        hmac_encrypted=None, created_at=NOW,
    )  # fmt: skip


def _attribute(account_id: int, model: AttributeModel, key: str) -> CustomAttribute:
    return CustomAttribute(
        account_id=account_id, name=key, key=key, kind=AttributeKind.TEXT, model=model,
        created_at=NOW, updated_at=NOW,
    )  # fmt: skip
