"""Who may tell us something: whoever knows the address, and the secret."""

import hmac
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from recado.chatwoot.hearing import Heard, is_signed
from recado.chatwoot.listening import prune_arrivals
from recado.chatwoot.models import ChatwootArrival
from tests.browser import Browser
from tests.chatwoot.conftest import Beside

KEY, BODY = "a secret of theirs", b'{"event": "message_created"}'
AT = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)
STAMP = str(int(AT.timestamp()))


def signature(key: str = KEY, stamp: str = STAMP, body: bytes = BODY) -> str:
    signed = hmac.digest(key.encode(), stamp.encode() + b"." + body, "sha256")
    return f"sha256={signed.hex()}"


@pytest.mark.parametrize(
    ("body", "stamp", "signed", "fits"),
    [
        (BODY, STAMP, signature(), True),
        (BODY + b" ", STAMP, signature(), False),
        (BODY, STAMP, signature("another"), False),
        (BODY, STAMP, "", False),
        (BODY, "", signature(), False),
        (BODY, "yesterday", signature(stamp="yesterday"), False),
        (BODY, "9" * 30, signature(stamp="9" * 30), False),
        (BODY, STAMP, signature().upper(), False),
        (BODY, STAMP, "sha256=ü", False),
    ],
    ids=["as it must be", "altered", "another secret", "unsigned", "no time", "no number",
         "no time there is", "in capitals", "not ASCII"],
)  # fmt: skip
def test_a_signature_fits_or_not(body: bytes, stamp: str, signed: str, fits: bool) -> None:
    assert is_signed(Heard(body, stamp, signed, ""), KEY, now=AT) is fits


@pytest.mark.parametrize(("minutes", "fits"), [(4, True), (-4, True), (6, False), (-6, False)])
def test_an_old_signature_is_a_replay(minutes: int, fits: bool) -> None:
    stamp = str(int(AT.timestamp()) - minutes * 60)
    heard = Heard(BODY, stamp, signature(stamp=stamp), "")
    assert is_signed(heard, KEY, now=AT) is fits


async def tell(
    browser: Browser, beside: Beside, body: Any, headers: Mapping[str, str] | None = None
) -> int:
    key = (await beside.server()).key
    answer = await browser._client.post(
        f"/public/chatwoot/{key}", content=json.dumps(body), headers=headers or {}
    )
    return answer.status_code


async def test_an_address_that_nobody_gave_out_leads_nowhere(
    visitor: Browser, beside: Beside
) -> None:
    answer = await visitor._client.post("/public/chatwoot/guessed", content=b"{}")
    assert answer.status_code == 404


async def test_without_its_signature_nothing_is_kept(visitor: Browser, beside: Beside) -> None:
    assert await tell(visitor, beside, {"event": "message_created"}) == 401
    assert await beside.all(ChatwootArrival) == []


async def test_a_desk_that_signs_nothing_has_only_the_key(visitor: Browser, beside: Beside) -> None:
    beside.chatwoot.signs = False
    await beside.connect()
    assert await tell(visitor, beside, {"event": "contact_updated", "id": "\0"}) == 200
    assert await tell(visitor, beside, ["no", "object"]) == 401
    assert len(await beside.all(ChatwootArrival)) == 1


async def test_the_same_webhook_is_kept_once(visitor: Browser, beside: Beside) -> None:
    beside.chatwoot.signs = False
    await beside.connect()
    for _ in range(2):
        assert await tell(visitor, beside, {}, {"X-Chatwoot-Delivery": "one"}) == 200
    assert len(await beside.all(ChatwootArrival)) == 1


@pytest.mark.parametrize(
    "body",
    [
        {"event": "message_created", "id": "x"},
        {"event": "message_created", "id": 1, "conversation": []},
        {"event": "conversation_updated", "id": 5, "meta": {"sender": 3}},
        {"event": "contact_created"},
    ],
)
async def test_what_makes_no_sense_is_set_aside_and_stops_nothing(
    visitor: Browser, beside: Beside, body: Any
) -> None:
    beside.chatwoot.signs = False
    await beside.connect()
    assert await tell(visitor, beside, body) == 200
    conversation = beside.chatwoot.begin(beside.contact, beside.inbox)
    beside.chatwoot.contact_writes(conversation, "Hello")
    await beside.settle()
    assert await beside.said() == ["Hello"]
    [kept] = await beside.all(ChatwootArrival)
    assert kept.trouble == "unreadable"
    async with beside.database.transaction() as tx:
        month = kept.received_at + timedelta(days=30)
        assert await prune_arrivals(tx, now=month) == 0
        assert await prune_arrivals(tx, now=month + timedelta(seconds=1)) == 1
