"""What people choose for themselves."""

from sqlalchemy import update

from recado.accounts.models import User
from recado.db.database import Transaction
from recado.lib.languages import known_language


async def choose_language(tx: Transaction, user_id: int, wanted: str) -> str:
    """Speak to this person in the language nearest to `wanted`, which is returned."""
    chosen = known_language(wanted)
    await tx.execute(update(User).where(User.id == user_id).values(language=chosen))
    return chosen
