"""The pruning loop: forgets what nobody needs, in small batches, every ten minutes."""

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol

from recado.accounts.auditing import prune_audit_entries
from recado.accounts.inviting import prune_invitations
from recado.accounts.recovering import prune_password_links
from recado.accounts.signing_in import prune_sessions
from recado.actions.guarding import prune_hours
from recado.automation.pruning import (
    prune_cascades,
    prune_rule_counts,
    prune_samples,
    prune_uploads,
    prune_verdicts,
)
from recado.automation.timing import prune_timers
from recado.chatwoot.listening import prune_arrivals
from recado.contacts.keeping_imports import prune_imports
from recado.conversations.watching import prune_looks
from recado.db.database import Database, Transaction, database_now
from recado.deliveries.ending import end_overdue_holds
from recado.deliveries.pruning import drop_bodies, prune_deliveries
from recado.deliveries.replacing_secrets import prune_secrets
from recado.deliveries.resting import prune_rests
from recado.events.pruning import prune_events
from recado.mail.sending import prune_emails
from recado.mailboxes.servers import prune_passwords
from recado.notifications.pruning import prune_notifications

EVERY: Final = timedelta(minutes=10)


class _Prune(Protocol):
    def __call__(self, tx: Transaction, *, now: datetime) -> Awaitable[int]: ...


_PRUNES: Final[tuple[_Prune, ...]] = (
    end_overdue_holds, prune_hours, prune_deliveries, drop_bodies, prune_events, prune_verdicts,
    prune_samples, prune_rule_counts, prune_cascades, prune_timers, prune_secrets,
    prune_emails, prune_arrivals, prune_audit_entries, prune_imports, prune_notifications, prune_looks,
    prune_uploads, prune_passwords, prune_rests,
)  # fmt: skip


@dataclass(slots=True)
class Pruning:
    """Takes a batch of each kind at a turn, and the next at once while there is more."""

    database: Database
    _next: float = 0.0  # of the loop's clock

    async def turn(self) -> bool:
        """Prune when it is time; whether there is more to prune."""
        clock = asyncio.get_running_loop().time()
        if clock < self._next:
            return False
        async with self.database.transaction() as tx:
            now = await database_now(tx)
            await prune_sessions(tx, now=now)
            await prune_invitations(tx, now=now)
            await prune_password_links(tx, now=now)
        done = [await self._prune(prune) for prune in _PRUNES]
        if not any(done):
            self._next = clock + EVERY.total_seconds()
        return any(done)

    async def _prune(self, prune: _Prune) -> int:
        async with self.database.transaction() as tx:
            return await prune(tx, now=await database_now(tx))
