"""The second step: codes and recovery codes are taken once; guesses are slowed down."""

import asyncio
from datetime import datetime, timedelta

import pytest
from pyotp import TOTP
from sqlalchemy import func, select

from recado.accounts.models import Authenticator, RecoveryCode, Session, SignInFailure, User
from recado.accounts.proving import (
    begin_authenticator,
    confirm_authenticator,
    find_authenticator,
    has_second_step,
    prove,
    recovery_codes_left,
    remove_authenticator,
    renew_recovery_codes,
    rotate_authenticators,
    secret_of,
)
from recado.accounts.signing_in import (
    CODE_WITHIN,
    MOST_BY_EMAIL,
    SignIn,
    code_problem,
    finish_sign_in,
    member_by_session,
    sign_in,
    waiting_session,
)
from recado.db.database import Database, Transaction
from recado.lib.languages import Sentence
from recado.lib.secrets import Vault
from tests.people import KEY, NOW, PASSWORD, VAULT, Cast

RIGHT = SignIn("ana@acme.example", PASSWORD, "192.0.2.1", "Firefox")
LATER = NOW + timedelta(seconds=30)


async def _code(tx: Transaction, user_id: int, at: datetime = NOW) -> str:
    """What the person's app shows at a moment."""
    authenticator = await find_authenticator(tx, user_id)
    assert authenticator is not None
    secret = secret_of(authenticator, VAULT)
    assert secret is not None
    return TOTP(secret).at(at)


async def _switched_on(tx: Transaction, user_id: int) -> list[str]:
    await begin_authenticator(tx, user_id, vault=VAULT)
    codes = await confirm_authenticator(tx, user_id, await _code(tx, user_id), vault=VAULT, now=NOW)
    assert codes is not None
    return codes


async def test_it_counts_once_a_code_confirms_it(tx: Transaction, here: Cast) -> None:
    me = here.ana.user_id
    await begin_authenticator(tx, me, vault=VAULT)
    assert not await has_second_step(tx, me)
    assert await confirm_authenticator(tx, me, "000000", vault=VAULT, now=NOW) is None
    assert not await has_second_step(tx, me)
    codes = await confirm_authenticator(tx, me, await _code(tx, me), vault=VAULT, now=NOW)
    assert codes is not None
    assert await has_second_step(tx, me)
    assert await recovery_codes_left(tx, me) == len(codes) == 10


async def test_nobody_puts_another_app_in_place_of_one_that_counts(
    tx: Transaction, here: Cast
) -> None:
    me = here.ana.user_id
    await _switched_on(tx, me)
    before = await _code(tx, me, LATER)
    await begin_authenticator(tx, me, vault=VAULT)
    assert await _code(tx, me, LATER) == before
    assert await confirm_authenticator(tx, me, before, vault=VAULT, now=LATER) is None


async def test_a_code_is_taken_once_and_never_an_older_one(tx: Transaction, here: Cast) -> None:
    me = here.ana.user_id
    await _switched_on(tx, me)  # with the code of NOW
    newest = await _code(tx, me, LATER)
    assert not await prove(tx, me, await _code(tx, me), vault=VAULT, now=NOW)
    assert await prove(tx, me, newest, vault=VAULT, now=LATER)
    assert not await prove(tx, me, newest, vault=VAULT, now=LATER)
    assert not await prove(tx, me, await _code(tx, me), vault=VAULT, now=LATER)


async def test_two_who_come_at_once_with_one_code_are_not_both_let_in(
    database: Database, cast: Cast
) -> None:
    me = cast.ana.user_id
    async with database.transaction() as tx:
        await _switched_on(tx, me)
        code = await _code(tx, me, LATER)

    async def come() -> bool:
        async with database.transaction() as tx:
            return await prove(tx, me, code, vault=VAULT, now=LATER)

    assert sorted(await asyncio.gather(*(come() for _ in range(4)))) == [False] * 3 + [True]


async def test_a_recovery_code_is_taken_once(tx: Transaction, here: Cast) -> None:
    me = here.ana.user_id
    codes = await _switched_on(tx, me)
    assert await prove(tx, me, codes[3].upper(), vault=VAULT, now=NOW)
    assert not await prove(tx, me, codes[3], vault=VAULT, now=NOW)
    assert await recovery_codes_left(tx, me) == 9
    assert not await prove(tx, here.beto.user_id, codes[4], vault=VAULT, now=NOW)


async def test_new_recovery_codes_end_the_old_ones(tx: Transaction, here: Cast) -> None:
    me = here.ana.user_id
    old = await _switched_on(tx, me)
    new = await renew_recovery_codes(tx, me)
    assert not await prove(tx, me, old[0], vault=VAULT, now=NOW)
    assert await prove(tx, me, new[0], vault=VAULT, now=NOW)


async def test_neither_secret_nor_codes_can_be_read_in_the_tables(
    tx: Transaction, here: Cast
) -> None:
    me = here.ana.user_id
    codes = await _switched_on(tx, me)
    kept = await find_authenticator(tx, me)
    assert kept is not None
    assert (secret_of(kept, VAULT) or "").encode() not in kept.secret_encrypted
    assert secret_of(kept, Vault("another key, also long enough to be one")) is None
    for row in await tx.scalars(select(RecoveryCode)):
        assert not any(one.encode() in row.digest for one in codes)


async def test_a_new_key_encrypts_the_secrets_of_apps_again(tx: Transaction, here: Cast) -> None:
    me = here.ana.user_id
    await _switched_on(tx, me)
    code = await _code(tx, me, LATER)
    changed = Vault("another key, also long enough to be one", [KEY])
    assert await rotate_authenticators(tx, changed) == (1, 0)
    assert await rotate_authenticators(tx, changed) == (0, 0)
    assert await rotate_authenticators(tx, Vault("a third key that has read nothing so far")) == (
        0, 1,
    )  # fmt: skip
    assert await prove(tx, me, code, vault=changed, now=LATER)


async def test_the_password_alone_opens_nothing_any_more(tx: Transaction, here: Cast) -> None:
    await _switched_on(tx, here.ana.user_id)
    token = await sign_in(tx, RIGHT, now=NOW)
    assert isinstance(token, str)
    assert await member_by_session(tx, token, now=NOW) is None
    assert await waiting_session(tx, token, now=NOW)
    assert await waiting_session(tx, token, now=NOW + CODE_WITHIN) is None


async def test_the_code_opens_a_new_session_and_ends_the_one_that_waits(
    tx: Transaction, here: Cast
) -> None:
    me = here.ana.user_id
    await _switched_on(tx, me)
    token = await sign_in(tx, RIGHT, now=NOW)
    waiting = await waiting_session(tx, str(token), now=LATER)
    assert waiting is not None
    code = await _code(tx, me, LATER)
    entered = await finish_sign_in(tx, waiting, code, RIGHT, vault=VAULT, now=LATER)
    assert isinstance(entered, str)
    assert entered != token
    member = await member_by_session(tx, entered, now=LATER)
    assert member is not None
    assert member.user_id == me
    assert await waiting_session(tx, str(token), now=LATER) is None
    assert await member_by_session(tx, str(token), now=LATER) is None
    assert await tx.scalar(select(func.count()).select_from(Session)) == 1


async def test_codes_are_guessed_at_most_ten_times_though_the_password_is_right(
    tx: Transaction, here: Cast
) -> None:
    me = here.ana.user_id
    await _switched_on(tx, me)
    for number in range(MOST_BY_EMAIL):
        if number % 4 == 0:  # knowing the password forgives no wrong codes
            assert isinstance(await sign_in(tx, RIGHT, now=NOW), str)
        user = await tx.get_one(User, me)
        refused = await code_problem(tx, user, "000000", RIGHT, vault=VAULT, now=NOW)
        assert "wrong" in str(refused)
    code = await _code(tx, me, LATER)
    refused = await code_problem(tx, user, code, RIGHT, vault=VAULT, now=LATER)
    assert str(refused).startswith("Too many wrong codes.")
    assert isinstance(await sign_in(tx, RIGHT, now=LATER), Sentence)


async def test_signing_in_whole_forgets_wrong_codes(tx: Transaction, here: Cast) -> None:
    me = here.ana.user_id
    await _switched_on(tx, me)
    waiting = await waiting_session(tx, str(await sign_in(tx, RIGHT, now=NOW)), now=NOW)
    assert waiting is not None
    for code in ("000000", await _code(tx, me, LATER)):
        await finish_sign_in(tx, waiting, code, SignIn("", "", "x"), vault=VAULT, now=LATER)
    assert await tx.scalar(select(func.count()).select_from(SignInFailure)) == 0


async def test_switched_off_the_password_is_enough(tx: Transaction, here: Cast) -> None:
    me = here.ana.user_id
    await _switched_on(tx, me)
    await remove_authenticator(tx, me)
    token = await sign_in(tx, RIGHT, now=NOW)
    assert await member_by_session(tx, str(token), now=NOW)
    for table in (Authenticator, RecoveryCode):
        assert await tx.scalar(select(func.count()).select_from(table)) == 0


@pytest.mark.parametrize("code", ["", "x" * 10_000, "0" * 6, "\N{ARABIC-INDIC DIGIT ONE}" * 6])
async def test_odd_codes_prove_nothing(tx: Transaction, here: Cast, code: str) -> None:
    me = here.ana.user_id
    await _switched_on(tx, me)
    assert not await prove(tx, me, code, vault=VAULT, now=NOW)
    assert not await prove(tx, here.beto.user_id, code, vault=VAULT, now=NOW)  # who has no app
