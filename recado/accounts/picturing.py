"""People's pictures: the bytes lie in the store, under a key that nobody guesses."""

from sqlalchemy import select

from recado.accounts.models import User
from recado.db.database import Transaction
from recado.lib.languages import Sentence, say, size_text
from recado.lib.pictures import LARGEST, picture_type


def picture_problem(content: bytes) -> Sentence | None:
    """Why a file cannot be somebody's picture."""
    if not content:
        return say("Choose a picture.")
    if len(content) > LARGEST:
        return say("Use a picture of at most %(size)s.", size=size_text(LARGEST))
    if picture_type(content) is None:
        return say("Use a PNG, JPEG, GIF or WebP picture.")
    return None


async def set_picture(tx: Transaction, user_id: int, key: str | None) -> None:
    """Show this picture of a person, or none; what was there before is swept away later."""
    person = await tx.get_one(User, user_id)
    person.picture_key = key
    await tx.flush()


async def is_picture(tx: Transaction, key: str) -> bool:
    """Whether somebody's picture lies under this key."""
    return await tx.scalar(select(User.id).where(User.picture_key == key)) is not None
