"""Noticing that a field has vanished from an action's answers: a warning, never a failure."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import bindparam, delete, select, text
from sqlalchemy.dialects.postgresql import ARRAY, BIGINT, TEXT

from recado.actions.answers import answers_from
from recado.actions.models import CustomAction, FieldHistory
from recado.db.database import Transaction

REMEMBERED: Final = 40  # answers
_FEWEST_WITH_DEFAULT: Final = 10  # answers that lack it: a default says that this may happen
_MISSING, _THERE = "1", "0"

# Sorted, so that two workers never wait for each other.
_REMEMBER: Final = text("""
    insert into field_histories as f (action_id, path, recent)
    select action_id, path, recent from unnest(:actions, :paths, :recent) as g(action_id, path, recent)
    on conflict (action_id, path) do update set recent = right(f.recent || excluded.recent, :most)
""").bindparams(
    bindparam("actions", type_=ARRAY(BIGINT)),
    bindparam("paths", type_=ARRAY(TEXT)),
    bindparam("recent", type_=ARRAY(TEXT)),
)


@dataclass(frozen=True, slots=True)
class Vanished:
    """A field that the last answers lacked: in `missing` of the last `seen`."""

    path: str
    missing: int
    seen: int


async def watch_fields(tx: Transaction, found: Iterable[tuple[int, str, bool]]) -> None:
    """Remember of each action's field whether answers had it: action, path, was it missing."""
    recent: dict[tuple[int, str], str] = {}
    for action_id, path, is_missing in found:
        mark = _MISSING if is_missing else _THERE
        recent[action_id, path] = (recent.get((action_id, path), "") + mark)[-REMEMBERED:]
    if recent:
        keys = sorted(recent)
        await tx.execute(
            _REMEMBER,
            {
                "actions": [action_id for action_id, _ in keys],
                "paths": [path for _, path in keys],
                "recent": [recent[key] for key in keys],
                "most": REMEMBERED,
            },
        )


async def forget_fields(tx: Transaction, action_id: int, paths: Collection[str]) -> None:
    """Start anew for fields that are no longer read."""
    await tx.execute(
        delete(FieldHistory).where(
            FieldHistory.action_id == action_id, FieldHistory.path.not_in(paths)
        )
    )


async def vanished_fields(
    tx: Transaction, actions: Sequence[CustomAction]
) -> dict[int, list[Vanished]]:
    """Of each action, the fields that its last answers lack, as far as there are any."""
    mapped = [one for one in actions if one.answers]
    if not mapped:
        return {}
    query = select(FieldHistory).where(FieldHistory.action_id.in_([one.id for one in mapped]))
    recent = {(one.action_id, one.path): one.recent for one in await tx.scalars(query)}
    found: dict[int, list[Vanished]] = {}
    for action in mapped:
        for field in answers_from(action.answers).fields:
            seen = recent.get((action.id, field.path), "")
            if has_vanished(seen, has_default=bool(field.default)):
                one = Vanished(field.path, seen.count(_MISSING), len(seen))
                found.setdefault(action.id, []).append(one)
    return found


def has_vanished(recent: str, *, has_default: bool) -> bool:
    """Whether to warn: half of the answers lack it, or, with a default, all of at least ten."""
    missing = recent.count(_MISSING)
    if has_default:
        return missing == len(recent) >= _FEWEST_WITH_DEFAULT
    return missing > 0 and 2 * missing >= len(recent)
