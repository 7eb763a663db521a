"""Labels: the words an account uses on its conversations."""

import re
from dataclasses import dataclass
from typing import Final, NamedTuple

from sqlalchemy import select

from recado.contacts.models import Label
from recado.db.database import Transaction
from recado.db.direct import Direct
from recado.db.reading import Listing
from recado.lib.languages import Sentence, say

_TITLE: Final = re.compile(r"[\w\-]{1,100}")
_COLOR: Final = re.compile(r"#[0-9a-fA-F]{6}")


@dataclass(frozen=True, slots=True)
class LabelDraft:
    """A label as somebody wants it."""

    title: str
    color: str = "#1f93ff"
    description: str = ""
    show_on_sidebar: bool = True


async def labels_of(tx: Transaction, account_id: int) -> list[Label]:
    """An account's labels, by title."""
    return await _LABELS.all(tx, account_id=account_id)


_LABELS: Final = Listing(Label, "labels where account_id = :account_id order by title")


class LabelChoice(NamedTuple):
    """A label as one chooses it: a row of a list, of which there may be thousands."""

    title: str
    show_on_sidebar: bool


async def label_choices(tx: Transaction, account_id: int) -> list[LabelChoice]:
    """An account's labels to choose from, by title."""
    return [LabelChoice(*row) for row in await _CHOICES.rows(tx, account_id=account_id)]


_CHOICES: Final = Direct("""
    select title, show_on_sidebar from labels where account_id = :account_id order by title
""")


async def is_label(tx: Transaction, account_id: int, title: str) -> bool:
    """Whether the account has a label of this title."""
    if "\0" in title:  # which no text of PostgreSQL has
        return False
    return bool(await _TITLED.rows(tx, account_id=account_id, title=title))


_TITLED: Final = Direct("select id from labels where account_id = :account_id and title = :title")


async def find_label(tx: Transaction, account_id: int, label_id: int) -> Label | None:
    """A label of this account."""
    return await tx.scalar(
        select(Label).where(Label.account_id == account_id, Label.id == label_id)
    )


async def label_problems(
    tx: Transaction, account_id: int, title: str, color: str, *, but: int | None = None
) -> dict[str, Sentence]:
    """What is wrong with a label, by field; `but` is the one that may keep its title."""
    problems: dict[str, Sentence] = {}
    if not _TITLE.fullmatch(title.strip()):
        problems["title"] = say("Use letters, digits, hyphens and underscores, without spaces.")
    else:
        query = select(Label.id).where(
            Label.account_id == account_id,
            Label.title == title.strip().lower(),
            Label.id != (but or 0),
        )
        if await tx.scalar(query):
            problems["title"] = say("This label exists already.")
    if not _COLOR.fullmatch(color):
        problems["color"] = say("Enter a colour as #1f93ff.")
    return problems


async def create_label(
    tx: Transaction, account_id: int, title: str, *, color: str = "#1f93ff", description: str = ""
) -> Label:
    """Add a label that has no problems."""
    return await keep_label(tx, account_id, LabelDraft(title, color, description))


async def keep_label(tx: Transaction, account_id: int, draft: LabelDraft) -> Label:
    """Add a label with everything that may be said of one, which has no problems."""
    label = Label(
        account_id=account_id,
        title=draft.title.strip().lower(),
        description=draft.description.strip() or None,
        color=draft.color,
        show_on_sidebar=draft.show_on_sidebar,
    )
    tx.add(label)
    await tx.flush()
    return label


async def delete_label(tx: Transaction, label: Label) -> None:
    """Remove a label from the list; conversations that carry the word keep it."""
    await tx.delete(label)
    await tx.flush()
