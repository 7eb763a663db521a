"""Signing in: who gets a session, and how guessing is slowed down."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from recado.accounts.models import Session, SignInFailure
from recado.accounts.signing_in import (
    MOST_BY_ADDRESS,
    MOST_BY_EMAIL,
    SESSION_LASTS,
    WINDOW,
    SignIn,
    member_by_session,
    prune_sessions,
    sign_in,
    sign_out,
)
from recado.accounts.tokens import digest
from recado.db.database import Database, Transaction
from recado.lib.languages import Sentence
from tests.counting import counted
from tests.people import NOW, PASSWORD, Cast

RIGHT = SignIn("ana@acme.example", PASSWORD, "192.0.2.1", "Firefox")
WRONG = SignIn("ana@acme.example", "not this one", "192.0.2.1")


async def _guess(tx: Transaction, attempt: SignIn, times: int) -> None:
    for _ in range(times):
        tx.add(SignInFailure(email=attempt.email, address=attempt.address, at=NOW))
    await tx.flush()


async def test_the_right_password_opens_a_session(tx: Transaction, here: Cast) -> None:
    token = await sign_in(tx, RIGHT, now=NOW)
    assert isinstance(token, str)
    member = await member_by_session(tx, token, now=NOW)
    assert member is not None
    assert (member.user_id, member.account_id) == (here.ana.user_id, here.account.id)


async def test_the_token_itself_is_not_kept(tx: Transaction, here: Cast) -> None:
    token = await sign_in(tx, RIGHT, now=NOW)
    assert isinstance(token, str)
    session = (await tx.scalars(select(Session))).one()
    assert session.digest == digest(token)
    assert token.encode() not in session.digest


@pytest.mark.parametrize(
    "attempt",
    [
        WRONG,
        SignIn("nobody@acme.example", PASSWORD, "192.0.2.1"),  # an unknown e-mail
        SignIn("", "", "192.0.2.1"),
        SignIn("ana@acme.example", "", "192.0.2.1"),
        SignIn("ana@acme.example", PASSWORD + " ", "192.0.2.1"),
        SignIn("x" * 5_000, PASSWORD, "192.0.2.1"),
    ],
)
async def test_the_refusal_is_always_the_same(tx: Transaction, here: Cast, attempt: SignIn) -> None:
    answer = await sign_in(tx, attempt, now=NOW)
    assert isinstance(answer, Sentence)
    assert str(answer) == "E-mail or password is wrong."


async def test_capitals_and_spaces_around_the_email_do_not_matter(
    tx: Transaction, here: Cast
) -> None:
    attempt = SignIn("  ANA@Acme.example ", PASSWORD, "192.0.2.1")
    assert isinstance(await sign_in(tx, attempt, now=NOW), str)


async def test_one_email_is_guessed_at_most_ten_times(tx: Transaction, here: Cast) -> None:
    await _guess(tx, WRONG, MOST_BY_EMAIL)
    answer = await sign_in(tx, RIGHT, now=NOW)  # even the right one has to wait now
    assert str(answer).startswith("Too many wrong passwords.")


async def test_one_address_is_slowed_over_all_emails(tx: Transaction, here: Cast) -> None:
    for number in range(MOST_BY_ADDRESS):
        await _guess(tx, SignIn(f"{number}@acme.example", "", RIGHT.address), 1)
    assert str(await sign_in(tx, RIGHT, now=NOW)).startswith("Too many")
    elsewhere = SignIn(RIGHT.email, PASSWORD, "198.51.100.7")
    assert isinstance(await sign_in(tx, elsewhere, now=NOW), str)


async def test_after_a_quarter_of_an_hour_one_may_try_again(tx: Transaction, here: Cast) -> None:
    await _guess(tx, WRONG, MOST_BY_EMAIL)
    later = NOW + WINDOW + timedelta(seconds=1)
    assert isinstance(await sign_in(tx, RIGHT, now=later), str)


async def test_the_right_password_forgets_the_wrong_ones(tx: Transaction, here: Cast) -> None:
    await _guess(tx, WRONG, MOST_BY_EMAIL - 1)
    assert isinstance(await sign_in(tx, RIGHT, now=NOW), str)
    assert await tx.scalar(select(func.count()).select_from(SignInFailure)) == 0


async def test_a_session_ends_by_itself_and_by_signing_out(tx: Transaction, here: Cast) -> None:
    token = await sign_in(tx, RIGHT, now=NOW)
    assert isinstance(token, str)
    assert await member_by_session(tx, token, now=NOW + SESSION_LASTS) is None
    await sign_out(tx, token)
    assert await member_by_session(tx, token, now=NOW) is None


async def test_who_looks_at_a_page_is_found_in_one_statement(
    database: Database, cast: Cast
) -> None:
    async with database.transaction() as tx:
        token = str(await sign_in(tx, RIGHT, now=NOW))
    async with database.transaction() as tx:
        with counted(database) as statements:
            member = await member_by_session(tx, token, now=NOW)
    assert len(statements) == 1
    assert member is not None
    told = (member.user.email, member.account.name, member.role, member.user.name)
    assert told == ("ana@acme.example", cast.account.name, cast.ana.role, cast.ana.user.name)


async def test_when_somebody_was_last_seen_is_known_to_some_minutes(
    tx: Transaction, here: Cast
) -> None:
    token = str(await sign_in(tx, RIGHT, now=NOW))
    for minutes, seen in ((1, None), (3, 3), (4, 3), (6, 6)):
        await member_by_session(tx, token, now=NOW + timedelta(minutes=minutes))
        await tx.flush()
        wanted = None if seen is None else NOW + timedelta(minutes=seen)
        assert await tx.scalar(select(Session.last_seen_at)) == wanted


async def test_a_made_up_token_is_nobody(tx: Transaction, here: Cast) -> None:
    assert await member_by_session(tx, "made up", now=NOW) is None


async def test_pruning_forgets_what_nobody_counts_any_more(tx: Transaction, here: Cast) -> None:
    await sign_in(tx, RIGHT, now=NOW)
    await _guess(tx, WRONG, 2)
    await prune_sessions(tx, now=NOW)
    assert await tx.scalar(select(func.count()).select_from(Session)) == 1
    assert await tx.scalar(select(func.count()).select_from(SignInFailure)) == 2
    await prune_sessions(tx, now=NOW + SESSION_LASTS)
    assert await tx.scalar(select(func.count()).select_from(Session)) == 0
    assert await tx.scalar(select(func.count()).select_from(SignInFailure)) == 0
