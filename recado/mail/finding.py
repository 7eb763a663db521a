"""What the pages and the API ask about e-mails."""

from typing import Final

from sqlalchemy import func, select

from recado.db.database import Transaction
from recado.mail.models import Email, Progress

PAGE: Final = 25


async def emails_page(
    tx: Transaction, account_id: int, *, state: str | None = None, before: int | None = None
) -> tuple[list[Email], int | None]:
    """An account's e-mails, newest first, and the id before which the next page goes on."""
    query = select(Email).where(Email.account_id == account_id)
    if state:
        query = query.where(Email.state == state)
    if before:
        query = query.where(Email.id < before)
    found = list(await tx.scalars(query.order_by(Email.id.desc()).limit(PAGE + 1)))
    return found[:PAGE], found[PAGE - 1].id if len(found) > PAGE else None


async def email_counts(tx: Transaction, account_id: int) -> dict[str, int]:
    """How many e-mails there are in each state."""
    query = select(Email.state, func.count()).where(Email.account_id == account_id)
    counts = {str(row[0]): int(row[1]) for row in await tx.execute(query.group_by(Email.state))}
    return {one: counts.get(one, 0) for one in Progress}


async def find_email(
    tx: Transaction, account_id: int, email_id: int, *, for_change: bool = False
) -> Email | None:
    """An e-mail of this account."""
    query = select(Email).where(Email.account_id == account_id, Email.id == email_id)
    return await tx.scalar(query.with_for_update() if for_change else query)
