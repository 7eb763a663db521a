"""One try: secrets filled in, sent, and everything that comes back masked."""

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial

from recado.deliveries.authorizing import Exchange
from recado.deliveries.claims import Claimed
from recado.deliveries.fetching_tokens import TokenOwner, Tokens
from recado.deliveries.keeping_secrets import opened
from recado.deliveries.models import Secret
from recado.deliveries.replacing_secrets import live_ids
from recado.deliveries.requests import completed, header_secrets, request_from, signed
from recado.deliveries.retrying import trouble_of
from recado.lib.authorizing import bound_to
from recado.lib.masks import masked, masked_text
from recado.lib.outcomes import Failure, Outcome, Timing, Trouble
from recado.lib.secrets import Vault
from recado.lib.sending import Sender


@dataclass(frozen=True, slots=True)
class Tried:
    """A claimed delivery, when it was sent, and what came of it."""

    claimed: Claimed
    started_at: datetime
    outcome: Outcome

    @property
    def trouble(self) -> Trouble | None:
        """Why this was no success, as the action judges answers."""
        return trouble_of(self.outcome, self.claimed.policy.success_statuses)


@dataclass(frozen=True, slots=True)
class Outbound:
    """What sending needs besides the delivery: made once at the start."""

    sender: Sender
    vault: Vault
    deadline_seconds: float = 15.0
    tokens: Tokens = field(default_factory=Tokens)
    longest_seconds: float = 59.0  # whatever an action asks for: less than the lease

    def deadline_for(self, claimed: Claimed) -> float:
        """How many seconds one attempt may take."""
        wanted = claimed.policy.answer_within
        return min(wanted or self.deadline_seconds, self.longest_seconds)


async def deliver(
    claimed: Claimed, sealed: dict[int, Secret], outbound: Outbound, *, now: datetime
) -> Tried:
    """Send a delivery once. Never raises for what the network or the receiver does."""
    request = completed(request_from(claimed.request), claimed.webhook_id, now=now)
    keys = live_ids(sealed.values(), request.signing.ring_id, now=now) if request.signing else []
    open_for = partial(opened, sealed, account_id=claimed.account_id, vault=outbound.vault)
    values = open_for([*header_secrets(request), *keys], lane=claimed.lane)
    if values is None or (request.signing and not keys):
        return _not_sent(claimed, now)
    request = signed(request, claimed.webhook_id, [values[one] for one in keys], now=now)
    if request.auth is None:
        outcome = await outbound.sender.send(
            request, secrets=values, deadline_seconds=outbound.deadline_for(claimed)
        )
        return Tried(claimed, now, without_secrets(outcome, values.values()))
    ids = dict(request.auth.secrets)
    credentials = open_for(ids.values(), lane=bound_to(request.auth, claimed.lane))
    if credentials is None:
        return _not_sent(claimed, now)
    exchange = Exchange(
        outbound.sender,
        outbound.tokens,
        TokenOwner(claimed.account_id, claimed.lane, request.auth),
        {name: credentials[number] for name, number in ids.items()},
        outbound.deadline_for(claimed),
    )
    outcome = await exchange.send(request, values)
    return Tried(claimed, now, without_secrets(outcome, {*values.values(), *exchange.hidden}))


def _not_sent(claimed: Claimed, now: datetime) -> Tried:
    """A secret is gone, foreign or unreadable."""
    return Tried(claimed, now, Failure(Trouble.SECRET, Timing(total=0.0)))


def without_secrets(outcome: Outcome, hidden: Collection[str]) -> Outcome:
    """The outcome as it may be kept: receivers echo what they are sent, anywhere.

    Its texts are such as the database takes, whatever the other side sent.
    """
    if isinstance(outcome, Failure):
        return replace(outcome, detail=_kept_text(outcome.detail, hidden))
    headers = tuple(
        (_kept_text(name, hidden), _kept_text(value, hidden)) for name, value in outcome.headers
    )
    return replace(
        outcome,
        headers=headers,
        body=masked(outcome.body, hidden, is_cut=outcome.is_cut),
        reason=_kept_text(outcome.reason, hidden),
    )


def _kept_text(text: str, hidden: Collection[str]) -> str:
    """Masked; PostgreSQL keeps no U+0000, UTF-8 no lone surrogates."""
    return masked_text(text, hidden, is_cut=True).replace("\0", "\ufffd")
