"""Secrets belong to one account and one destination; elsewhere nothing is sent."""

from dataclasses import replace
from typing import Any

import pytest

from recado.db.database import Transaction
from recado.deliveries.claims import Claimed
from recado.deliveries.delivering import Outbound, deliver, without_secrets
from recado.deliveries.keeping_secrets import (
    Rotated,
    forget_unreadable,
    is_secret_read,
    keep_secret,
    lanes_of_secrets,
    opened,
    rotate_secrets,
    sealed_secrets,
)
from recado.lib.addresses import lane_of
from recado.lib.masks import MASK
from recado.lib.outcomes import Failure, RequestHeader, Response, Trouble
from recado.lib.secrets import Vault
from tests.deliveries.rows import TIMING, a_delivery, answered, claim
from tests.people import NOW, Cast, gather
from tests.receiver import Receiver

LANE, OTHER_LANE = "https://crm.example:443", "https://thief.example:443"
VAULT = Vault("v" * 32)
SECRET = "s3cr3t-and-long"


@pytest.fixture
async def people(tx: Transaction) -> Cast:
    return await gather(tx)


async def kept(tx: Transaction, account_id: int, lane: str = LANE) -> int:
    return await keep_secret(tx, account_id, SECRET, vault=VAULT, lane=lane, now=NOW)


async def test_a_secret_opens_for_its_account_and_destination_only(
    tx: Transaction, people: Cast
) -> None:
    own, other = people.account.id, people.other_account.id
    number = await kept(tx, own)
    sealed = await sealed_secrets(tx, [number])
    assert opened(sealed, [number], account_id=own, lane=LANE, vault=VAULT) == {number: SECRET}
    assert opened(sealed, [number], account_id=other, lane=LANE, vault=VAULT) is None
    assert opened(sealed, [number], account_id=own, lane=OTHER_LANE, vault=VAULT) is None
    assert opened(sealed, [number], account_id=own, lane=LANE, vault=Vault("w" * 32)) is None
    assert opened({}, [number], account_id=own, lane=LANE, vault=VAULT) is None
    assert opened({}, [], account_id=own, lane=LANE, vault=VAULT) == {}


async def test_a_row_moved_by_hand_does_not_open_either(tx: Transaction, people: Cast) -> None:
    number = await kept(tx, people.account.id)
    sealed = await sealed_secrets(tx, [number])
    sealed[number].account_id = people.other_account.id
    account_id = people.other_account.id
    assert opened(sealed, [number], account_id=account_id, lane=LANE, vault=VAULT) is None
    sealed[number].account_id, sealed[number].lane = people.account.id, OTHER_LANE
    account_id = people.account.id
    assert opened(sealed, [number], account_id=account_id, lane=OTHER_LANE, vault=VAULT) is None


async def test_only_the_accounts_own_secrets_have_lanes(tx: Transaction, people: Cast) -> None:
    own, foreign = await kept(tx, people.account.id), await kept(tx, people.other_account.id)
    assert await lanes_of_secrets(tx, people.account.id, [own, foreign]) == {own: LANE}
    assert await sealed_secrets(tx, []) == {}


async def test_a_key_that_reads_nothing_is_noticed_and_what_is_lost_can_go(
    tx: Transaction, people: Cast
) -> None:
    assert await is_secret_read(tx, VAULT) is None
    number = await kept(tx, people.account.id)
    assert await is_secret_read(tx, VAULT) is True
    assert await is_secret_read(tx, Vault("w" * 32)) is False
    assert await forget_unreadable(tx, VAULT) == 0
    assert await forget_unreadable(tx, Vault("w" * 32)) == 1
    assert await sealed_secrets(tx, [number]) == {}
    assert await is_secret_read(tx, Vault("w" * 32)) is None


async def test_a_key_is_changed_while_both_read(tx: Transaction, people: Cast) -> None:
    old, new = Vault("o" * 32), Vault("n" * 32, ["x" * 32, "o" * 32])
    account_id = people.account.id
    numbers = [
        await keep_secret(tx, account_id, one, vault=old, lane=LANE, now=NOW)
        for one in ("first", "second")
    ]
    lost = await keep_secret(tx, account_id, "third", vault=Vault("l" * 32), lane=LANE, now=NOW)

    async def opened_with(vault: Vault) -> dict[int, str] | None:
        sealed = await sealed_secrets(tx, numbers)
        return opened(sealed, numbers, account_id=account_id, lane=LANE, vault=vault)

    assert await opened_with(new) == await opened_with(old) == dict(zip(numbers, ("first", "second"), strict=True))  # fmt: skip
    done = Rotated()
    while await rotate_secrets(tx, new, done):
        pass
    assert (done.changed, done.unreadable, done.last_id) == (2, 1, lost)
    alone = Vault("n" * 32)
    assert await opened_with(alone) == dict(zip(numbers, ("first", "second"), strict=True))
    assert await opened_with(old) is None
    again = Rotated()
    await rotate_secrets(tx, new, again)
    assert again.changed == 0


async def a_claim(tx: Transaction, cast: Cast, url: str, secret_id: int) -> Claimed:
    headers = (RequestHeader("Authorization", "Bearer ", secret_id),)
    await a_delivery(tx, cast.account.id, url, headers=headers)
    [mine] = await claim(tx)
    return mine


async def test_a_secret_header_goes_out_whole(
    tx: Transaction, people: Cast, outbound: Outbound, receiver: Receiver
) -> None:
    number = await keep_secret(
        tx, people.account.id, SECRET, vault=outbound.vault, lane=lane_of(receiver.url), now=NOW
    )
    mine = await a_claim(tx, people, receiver.url + "/echo", number)
    tried = await deliver(mine, await sealed_secrets(tx, [number]), outbound, now=NOW)
    [received] = receiver.received
    assert received.headers["authorization"] == f"Bearer {SECRET}"
    assert isinstance(tried.outcome, Response)
    assert SECRET.encode() not in tried.outcome.body
    assert MASK.encode() in tried.outcome.body


async def test_a_secret_for_another_destination_is_not_sent(
    tx: Transaction, people: Cast, outbound: Outbound, receiver: Receiver
) -> None:
    number = await keep_secret(
        tx, people.account.id, SECRET, vault=outbound.vault, lane=OTHER_LANE, now=NOW
    )
    mine = await a_claim(tx, people, receiver.url + "/echo", number)
    sealed = await sealed_secrets(tx, [number])
    tried = await deliver(mine, sealed, outbound, now=NOW)
    assert isinstance(tried.outcome, Failure)
    assert tried.outcome.trouble == Trouble.SECRET
    foreign = replace(mine, account_id=people.other_account.id)
    tried = await deliver(foreign, sealed, outbound, now=NOW)
    assert isinstance(tried.outcome, Failure)
    assert receiver.connections == 0


@pytest.mark.parametrize(
    "outcome",
    [
        Response(200, (("X-Echo", SECRET),), b"", 0, is_cut=False, timing=TIMING),
        Response(200, ((SECRET, "x"),), b"", 0, is_cut=False, timing=TIMING),
        Response(200, (), SECRET.encode(), 15, is_cut=False, timing=TIMING),
        Response(200, (), b"x" * 9 + SECRET.encode()[:-1], 99, is_cut=True, timing=TIMING),
        Response(200, (), b"", 0, is_cut=False, timing=TIMING, reason=f"OK {SECRET}"),
        Failure(Trouble.NOT_HTTP, TIMING, detail=f"it begins with {SECRET}"),
    ],
    ids=["header", "header name", "body", "cut body", "reason", "detail"],
)
def test_wherever_a_receiver_puts_a_secret_it_is_masked(outcome: Any) -> None:
    assert SECRET[:-1] not in repr(without_secrets(outcome, [SECRET]))
    assert MASK.encode("utf-8") in repr(without_secrets(outcome, [SECRET])).encode() or (
        MASK.encode() in without_secrets(outcome, [SECRET]).body
    )


def test_what_holds_no_secret_stays_as_it_came() -> None:
    plain = answered(200, [("A", "b")], b"\x00\xff binary")
    assert without_secrets(plain, [SECRET]) == plain
    assert without_secrets(plain, []) == plain


def test_texts_are_such_as_the_database_takes() -> None:
    odd = Response(200, (("A\0", "\ud800"),), b"\0", 1, is_cut=False, timing=TIMING, reason="\0")
    made = without_secrets(odd, [])
    assert isinstance(made, Response)
    assert "\0" not in repr(made.headers)
    assert str(made.headers).encode()
    assert (made.reason, made.body) == ("\ufffd", b"\0")
