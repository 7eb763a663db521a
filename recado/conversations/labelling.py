"""A label as conversations and contacts carry it: how many do, and calling it otherwise on all of them."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, func, select, update

from recado.contacts.labels import LabelDraft
from recado.contacts.models import Contact, Label
from recado.conversations.clocking import rename_label
from recado.conversations.models import Conversation
from recado.db.database import Transaction


@dataclass(frozen=True, slots=True)
class LabelUses:
    """How many carry a label."""

    conversations: int
    contacts: int


async def uses_of(tx: Transaction, label: Label) -> LabelUses:
    """How many conversations and contacts carry this label now."""
    counts = [
        await tx.scalar(select(func.count(kind.id)).where(_carrying(kind, label)))
        for kind in (Conversation, Contact)
    ]
    return LabelUses(*(one or 0 for one in counts))


async def change_label(tx: Transaction, label: Label, draft: LabelDraft) -> None:
    """Save a draft that has no problems; another title is put where the old one stands.

    On conversations and contacts, without events: nothing happened to them. Rules keep the words
    they were written with.
    """
    title = draft.title.strip().lower()
    if title != label.title:
        for kind in (Conversation, Contact):
            carrying = _carrying(kind, label)
            rows = select(kind.id).where(carrying).order_by(kind.id)
            await tx.execute(rows.with_for_update(key_share=True))
            other = func.array_replace(kind.labels, label.title, title)
            await tx.execute(update(kind).where(carrying).values(labels=other))
        await rename_label(tx, label.account_id, label.title, title)
    label.title, label.color = title, draft.color
    label.description = draft.description.strip() or None
    label.show_on_sidebar = draft.show_on_sidebar
    await tx.flush()


def _carrying(kind: type[Conversation | Contact], label: Label) -> ColumnElement[bool]:
    return and_(kind.account_id == label.account_id, kind.labels.contains([label.title]))
