"""Filters that a person saved under a name."""

from datetime import datetime
from typing import Any, Final

from sqlalchemy import func, select

from recado.accounts.models import Membership
from recado.contacts.models import CustomFilter, FilterKind
from recado.db.database import Transaction
from recado.db.reading import Listing
from recado.lib.languages import Sentence, say

MOST: Final = 1_000  # of one person in one account, as the API has it
LONGEST_NAME: Final = 100  # characters


async def filters_of(
    tx: Transaction, account_id: int, user_id: int, kind: FilterKind | None = None
) -> list[CustomFilter]:
    """What a person saved in this account, oldest first."""
    return await _FILTERS.all(tx, account_id=account_id, user_id=user_id, kind=kind)


_FILTERS: Final = Listing(
    CustomFilter,
    f"""custom_filters where account_id = :account_id and user_id = :user_id
        and (:kind::text is null or kind = :kind) order by id limit {MOST}""",
)


async def find_filter(
    tx: Transaction, account_id: int, user_id: int, filter_id: int
) -> CustomFilter | None:
    """A filter that this person saved in this account."""
    return await tx.scalar(
        select(CustomFilter).where(
            CustomFilter.account_id == account_id,
            CustomFilter.user_id == user_id,
            CustomFilter.id == filter_id,
        )
    )


async def has_room(tx: Transaction, account_id: int, user_id: int) -> bool:
    """Whether this person may save another one here."""
    query = select(func.count()).where(
        CustomFilter.account_id == account_id, CustomFilter.user_id == user_id
    )
    return (await tx.scalar(query) or 0) < MOST


async def name_problem(tx: Transaction, kept: CustomFilter, name: str) -> Sentence | None:
    """Why a person cannot call a filter, new or not, this. Programs may give a name twice, as Chatwoot lets
    them; a filter that has its name already keeps it.
    """
    if not name:
        return say("Please enter a name.")
    if len(name) > LONGEST_NAME:
        return say("Use at most %(number)s characters.", number=LONGEST_NAME)
    if name != kept.name and await _is_taken(tx, kept, name):
        return say("You have one of this name already: give this one another.")
    return None


async def _is_taken(tx: Transaction, kept: CustomFilter, name: str) -> bool:
    query = select(CustomFilter.id).where(
        CustomFilter.account_id == kept.account_id,
        CustomFilter.user_id == kept.user_id,
        CustomFilter.kind == kept.kind,
        func.lower(CustomFilter.name) == func.lower(name),
        CustomFilter.id != (kept.id or 0),
    )
    return await tx.scalar(query.limit(1)) is not None


def fresh_filter(member: Membership, kind: FilterKind, *, now: datetime) -> CustomFilter:
    """A filter of this person that is not saved yet."""
    return CustomFilter(
        account_id=member.account_id, user_id=member.user_id, name="", kind=kind,
        created_at=now, updated_at=now,
    )  # fmt: skip


async def save_filter(
    tx: Transaction, kept: CustomFilter, name: str, query: dict[str, Any], *, now: datetime
) -> None:
    """Keep a filter, new or not, under this name."""
    kept.name, kept.query, kept.updated_at = name, query, now
    tx.add(kept)
    await tx.flush()


async def delete_filter(tx: Transaction, kept: CustomFilter) -> None:
    """Forget a filter."""
    await tx.delete(kept)
    await tx.flush()
