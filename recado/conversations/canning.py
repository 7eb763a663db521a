"""Canned responses: texts that people use again, found by a short code."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import or_, select

from recado.conversations.describing import facts_about
from recado.conversations.models import CannedResponse, Conversation
from recado.db.database import Transaction
from recado.db.reading import Listing
from recado.lib.facts import Facts
from recado.lib.languages import Sentence, say
from recado.lib.templating import TemplateError, render_message

LONGEST: Final = 150_000  # characters, as a message
_LONGEST_CODE: Final = 255
_MOST: Final = 1_000  # in one list
_OFFERED: Final = 8  # while somebody types


@dataclass(frozen=True, slots=True)
class Offer:
    """A text ready to be put into a message."""

    short_code: str
    content: str


async def canned_responses(
    tx: Transaction, account_id: int, *, search: str = ""
) -> list[CannedResponse]:
    """An account's texts by short code; with `search`, those that contain it, ignoring case."""
    query = select(CannedResponse).where(CannedResponse.account_id == account_id)
    if search.strip():
        wanted = search.strip()
        query = query.where(
            or_(
                CannedResponse.short_code.icontains(wanted, autoescape=True),
                CannedResponse.content.icontains(wanted, autoescape=True),
            )
        )
    return list(await tx.scalars(query.order_by(CannedResponse.short_code).limit(_MOST)))


async def every_canned_response(tx: Transaction, account_id: int) -> list[CannedResponse]:
    """All of an account's texts, by short code."""
    return await _OF_ACCOUNT.all(tx, account_id=account_id)


_OF_ACCOUNT: Final = Listing(
    CannedResponse, "canned_responses where account_id = :account_id order by short_code"
)


async def canned_offers(
    tx: Transaction, conversation: Conversation, typed: str, *, now: datetime
) -> list[Offer]:
    """The texts that `typed` finds, short codes that begin so first, filled in for a conversation."""
    found = await canned_responses(tx, conversation.account_id, search=typed)
    found.sort(key=lambda one: not one.short_code.casefold().startswith(typed.strip().casefold()))
    facts = facts_about(conversation, now=now)
    return [Offer(one.short_code, _filled_in(one.content, facts)) for one in found[:_OFFERED]]


async def find_canned_response(
    tx: Transaction, account_id: int, canned_id: int
) -> CannedResponse | None:
    """A text of this account."""
    return await tx.scalar(
        select(CannedResponse).where(
            CannedResponse.account_id == account_id, CannedResponse.id == canned_id
        )
    )


async def canned_problems(
    tx: Transaction, account_id: int, short_code: str, content: str, *, but: int | None = None
) -> dict[str, Sentence]:
    """What is wrong, by field; `but` is the one that may keep its short code."""
    problems: dict[str, Sentence] = {}
    if not short_code.strip():
        problems["short_code"] = say("Enter a short code.")
    elif len(short_code) > _LONGEST_CODE:
        problems["short_code"] = say("Use at most %(number)s characters.", number=_LONGEST_CODE)
    elif await _is_taken(tx, account_id, short_code.strip(), but):
        problems["short_code"] = say("This short code is taken.")
    if not content.strip():
        problems["content"] = say("Write something first.")
    elif len(content) > LONGEST:
        problems["content"] = say("Use at most %(number)s characters.", number=LONGEST)
    return problems


async def create_canned_response(
    tx: Transaction, account_id: int, short_code: str, content: str, *, now: datetime
) -> CannedResponse:
    """Keep a text that has no problems."""
    canned = CannedResponse(
        account_id=account_id, short_code=short_code.strip(), content=content,
        created_at=now, updated_at=now,
    )  # fmt: skip
    tx.add(canned)
    await tx.flush()
    return canned


async def update_canned_response(
    tx: Transaction, canned: CannedResponse, short_code: str, content: str, *, now: datetime
) -> None:
    """Change a text; the new one has no problems."""
    canned.short_code, canned.content, canned.updated_at = short_code.strip(), content, now
    await tx.flush()


async def delete_canned_response(tx: Transaction, canned: CannedResponse) -> None:
    """Remove a text; messages that were made of it stay."""
    await tx.delete(canned)
    await tx.flush()


def _filled_in(content: str, facts: Facts) -> str:
    """With the variables' values; a text whose template is broken stays as it is written."""
    try:
        return render_message(content, facts)
    except TemplateError:
        return content


async def _is_taken(tx: Transaction, account_id: int, short_code: str, but: int | None) -> bool:
    query = select(CannedResponse.id).where(
        CannedResponse.account_id == account_id,
        CannedResponse.short_code == short_code,
        CannedResponse.id != (but or 0),
    )
    return await tx.scalar(query) is not None
