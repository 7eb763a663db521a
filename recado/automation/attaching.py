"""Files of rules and macros, as programs name them: by key until they are stored, then by id."""

from collections.abc import Mapping, Sequence
from typing import Any

from recado.automation.effect_names import EffectName
from recado.automation.values import as_id
from recado.conversations.models import Upload
from recado.conversations.uploading import find_uploads, uploads_of
from recado.db.database import Transaction


async def with_file_ids(tx: Transaction, account_id: int, effects: Any) -> Any:
    """The effects with ids in place of the keys of the account's files; what is no key stays."""
    if not isinstance(effects, list) or not any(_sends_files(one) for one in effects):
        return effects
    keys = {one.key: one.id for one in await uploads_of(tx, account_id)}
    return [_with_ids(one, keys) if _sends_files(one) else one for one in effects]


async def files_of(
    tx: Transaction, account_id: int, effects: Sequence[Mapping[str, Any]]
) -> list[Upload]:
    """The files that stored effects send."""
    ids = {as_id(one) or 0 for effect in effects if _sends_files(effect)
           for one in effect["action_params"]}  # fmt: skip
    return await find_uploads(tx, account_id, ids) if ids else []


def _sends_files(effect: Any) -> bool:
    return (
        isinstance(effect, Mapping)
        and effect.get("action_name") == EffectName.SEND_ATTACHMENT
        and isinstance(effect.get("action_params"), list)
    )


def _with_ids(effect: Any, keys: Mapping[str, int]) -> Any:
    params = [keys.get(one, as_id(one) or one) if isinstance(one, str) else one
              for one in effect["action_params"]]  # fmt: skip
    return {**effect, "action_params": params}
