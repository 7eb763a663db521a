"""Why something happens that the API does: whose token, and through which rules it came."""

from recado.api.door import ApiRequest, cause_of, now
from recado.conversations.models import Conversation
from recado.db.database import Transaction
from recado.deliveries.chaining import HEADER, continued, guessed
from recado.events.causes import Cause


async def cause_in(
    tx: Transaction, request: ApiRequest, conversation: Conversation, *, by: Cause | None = None
) -> Cause:
    """The cause of a change to a conversation; `by` is who did it, if not the token's person."""
    cause = by or cause_of(request)
    chain_id = request.headers.get(HEADER, "")
    if chain_id:
        return await continued(tx, cause, conversation.account_id, chain_id)
    number = conversation.display_id
    return await guessed(tx, cause, conversation.account_id, number, now=now())
