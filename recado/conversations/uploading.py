"""Files for rules and macros: kept once, sent as often as they like."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import CompoundSelect, select, union_all

from recado.accounts.models import User
from recado.conversations.models import Attachment, Upload
from recado.conversations.posting import StoredFile
from recado.db.database import Transaction
from recado.lib.files import FileDraft


async def keep_upload(
    tx: Transaction, account_id: int, file: StoredFile, *, now: datetime
) -> Upload:
    """Write down a file that is in the store already."""
    about = file.about
    upload = Upload(
        account_id=account_id, key=file.key, name=about.name, content_type=about.content_type,
        size=about.size, created_at=now,
    )  # fmt: skip
    tx.add(upload)
    await tx.flush()
    return upload


async def uploads_of(tx: Transaction, account_id: int) -> list[Upload]:
    """An account's files for rules, newest first."""
    query = select(Upload).where(Upload.account_id == account_id).order_by(Upload.id.desc())
    return list(await tx.scalars(query))


async def find_uploads(tx: Transaction, account_id: int, ids: Collection[int]) -> list[Upload]:
    """Those of an account, in the order of their ids; a foreign or deleted one is missing."""
    query = select(Upload).where(Upload.account_id == account_id, Upload.id.in_(ids))
    return list(await tx.scalars(query.order_by(Upload.id)))


async def find_upload_by_key(tx: Transaction, key: str) -> Upload | None:
    """The file that somebody who has its address asks for."""
    return await tx.scalar(select(Upload).where(Upload.key == key))


def stored_file(upload: Upload) -> StoredFile:
    """The file as a message takes it."""
    return StoredFile(upload.key, FileDraft(upload.name, upload.content_type, upload.size))


async def unheld(tx: Transaction, keys: Sequence[str]) -> list[str]:
    """Those keys that no message, rule's file or person has any more: their bytes may go."""
    held: CompoundSelect[str | None] = union_all(
        select(Attachment.key).where(Attachment.key.in_(keys)),
        select(Upload.key).where(Upload.key.in_(keys)),
        select(User.picture_key).where(User.picture_key.in_(keys)),
    )
    kept = set(await tx.scalars(held))
    return [one for one in keys if one not in kept]
