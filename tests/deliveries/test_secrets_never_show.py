"""No byte of a secret stands in any table, whatever the receiver echoes."""

import base64
import json
from datetime import timedelta
from urllib.parse import quote, quote_plus

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete

from recado.actions.firing import FiredBy, fire
from recado.actions.models import ActionState
from recado.actions.saving import ActionDraft, HeaderDraft, action_problems, create_action
from recado.db.database import Database, database_now
from recado.deliveries.claiming import Room, claim_due
from recado.deliveries.delivering import Outbound, deliver
from recado.deliveries.keeping_secrets import sealed_secrets
from recado.deliveries.models import Delivery
from recado.deliveries.recording import record
from recado.deliveries.requests import secret_ids
from recado.lib.masks import MASK
from tests.deliveries.rows import every_row
from tests.people import NOW, Cast
from tests.receiver import Receiver

ROOM = Room(limit=10, per_lane=10, in_flight={})
_secrets = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=8, max_size=48)
FACTS = {"event": {"name": "message_created", "at": "2026-11-23T12:00:00Z"}, "contact": {"id": 7}}


@settings(
    max_examples=20,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],  # each example asks the database: no shrinking
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(secret=_secrets, prefix=st.sampled_from(["", "Bearer "]), status=st.sampled_from([200, 503]))
async def test_no_byte_of_a_secret_is_in_any_table(
    database: Database,
    cast: Cast,
    outbound: Outbound,
    receiver: Receiver,
    secret: str,
    prefix: str,
    status: int,
) -> None:
    basic = base64.b64encode(b"user:" + secret.encode()).decode()
    echo = "\n".join({*_spellings(prefix + secret), *_spellings(secret), basic})
    receiver.answer(status, echo.encode(), {"X-Echo": secret, "X-Coded": quote(secret, safe="")})
    await _fire_and_send(database, cast, outbound, receiver.url, prefix + secret)
    assert receiver.received[-1].headers["x-key"] == prefix + secret
    for table, rows in (await every_row(database)).items():
        for spelled in _spellings(secret) | {basic[8:-4]}:
            assert spelled not in rows, table
    assert MASK.encode().decode("latin-1") in (await every_row(database))["attempts"]
    async with database.transaction() as tx:  # or its next try would be told the next secret
        await tx.execute(delete(Delivery))


def _spellings(secret: str) -> set[str]:
    raw = secret.encode()
    return {
        secret,
        quote(secret, safe=""),
        quote(secret),
        quote_plus(secret),
        json.dumps(secret)[1:-1],
        base64.b64encode(raw).decode(),
        base64.urlsafe_b64encode(raw).decode(),
    }


async def _fire_and_send(
    database: Database, cast: Cast, outbound: Outbound, url: str, secret: str
) -> None:
    async with database.transaction() as tx:
        draft = ActionDraft(
            name=f"CRM {secret_free_name()}",
            url=url + "/in",
            headers=(HeaderDraft("X-Key", secret, is_secret=True),),
            body="{}",
        )
        assert await action_problems(tx, cast.account.id, draft) == {}
        action = await create_action(
            tx, cast.account.id, draft, vault=outbound.vault, now=NOW, state=ActionState.ACTIVE
        )
        await fire(tx, action, FACTS, FiredBy(1, "Rule", 1), now=NOW)
    async with database.transaction() as tx:
        now = await database_now(tx)
        claimed = await claim_due(tx, ROOM, lease=timedelta(seconds=60), now=now)
        sealed = await sealed_secrets(tx, set().union(*(secret_ids(c.request) for c in claimed)))
    tried = [await deliver(one, sealed, outbound, now=now) for one in claimed]
    async with database.transaction() as tx:
        await record(tx, tried, now=now)


_count = iter(range(1_000_000))


def secret_free_name() -> str:
    return str(next(_count))
