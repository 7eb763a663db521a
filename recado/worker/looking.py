"""One question a second tells which loops have something to do; each of them would ask as often."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from recado.db.database import Database
from recado.db.direct import Direct

# What each loop would find, at the least: it looks itself before it takes anything, and by itself
# every now and then, so a case that is missing here is late and not lost. Each is answered by an index.
_WAITING: Final = {
    "rules": "select from events where processed_at is null",
    "answers": "select from deliveries where awaits_answer and finished_at is not null",
    "replays": "select from replays where state = 'running' and next_at <= now()",
    "imports": "select from contact_imports where state = 'running'",
    "mail": "select from emails where state = 'pending' and due_at <= now() and inbox_id is null",
    "answers by e-mail": """
        select from emails where state = 'pending' and due_at <= now() and inbox_id is not null""",
    "mailboxes": "select from mailboxes where is_active and due_at <= now()",
    "mirroring": """
        select from chatwoot_arrivals where trouble = ''
        union all select from chatwoot_servers where due_at <= now()""",
    "clock": """
        select from conversations where status = 'snoozed' and snoozed_until <= now()
        union all select from conversations where awaits_turn
        union all select from inboxes where turns_at <= now()
        union all select from rule_timers where fired_at is null and due_at <= now()""",
}
LOOPS: Final = tuple(_WAITING)
_LOOK: Final = Direct(f"select {', '.join(f'exists ({waiting})' for waiting in _WAITING.values())}")


@dataclass(frozen=True, slots=True)
class Looking:
    """Wakes the loops for which something waits."""

    database: Database
    wakes: Mapping[str, asyncio.Event]  # by the name of the loop

    async def turn(self) -> bool:
        """Look once; there is never more to do at once."""
        for name in await waiting_loops(self.database):
            self.wakes[name].set()
        return False


async def waiting_loops(database: Database) -> list[str]:
    """The names of the loops that would find something now."""
    async with database.one_statement() as tx:
        [found] = await _LOOK.rows(tx)
    return [name for name, waits in zip(LOOPS, found, strict=True) if waits]
