"""Invitations: for one address, once, for a while; taken back and renewed."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from recado.accounts.inviting import (
    LASTS,
    find_invitation,
    invitation_by_token,
    invitation_problem,
    invitations_of,
    invite,
    join_as,
    join_as_new,
    prune_invitations,
    revoke_invitation,
)
from recado.accounts.models import Account, Invitation, Membership, Role, User
from recado.accounts.passwords import is_password
from recado.accounts.people import PersonDraft, find_membership
from recado.db.database import Transaction
from tests.people import NOW, Cast

DAVI = PersonDraft("Davi", "somebody@else.example", "long enough to keep")


async def _token(tx: Transaction, here: Cast, email: str = "davi@acme.example", **how: Role) -> str:
    invited = await invite(tx, here.ana, email, how.get("role", Role.AGENT), now=NOW)
    return invited.link.partition("token=")[2]


async def _person(tx: Transaction, membership: Membership) -> User:
    return await tx.get_one(User, membership.user_id)


@pytest.mark.parametrize(
    ("email", "problem"),
    [
        ("davi@acme.example", None),
        ("  Davi@Acme.example ", None),
        ("celia@elsewhere.example", None),  # of another account: may be in both
        ("davi", "This is not an e-mail address."),
        ("", "This is not an e-mail address."),
        (f"{'x' * 320}@acme.example", "This is not an e-mail address."),
        ("BETO@acme.example", "Beto Reis is in this account already."),
    ],
)
async def test_who_can_be_invited(
    tx: Transaction, here: Cast, email: str, problem: str | None
) -> None:
    found = await invitation_problem(tx, here.account.id, email)
    assert (str(found) if found else None) == problem


@pytest.mark.parametrize("role", list(Role))
async def test_somebody_new_joins_with_the_invited_address_and_role(
    tx: Transaction, here: Cast, role: Role
) -> None:
    token = await _token(tx, here, " Davi@ACME.example", role=role)
    version = await tx.scalar(select(Account.rules_version).where(Account.id == here.account.id))
    member = await join_as_new(tx, token, DAVI, language="es", now=NOW)
    assert member is not None
    assert (member.account_id, member.role) == (here.account.id, role)
    person = await _person(tx, member)
    assert (person.name, person.email, person.language) == ("Davi", "davi@acme.example", "es")
    assert is_password(DAVI.password, person.password_hash)
    after = await tx.scalar(select(Account.rules_version).where(Account.id == here.account.id))
    assert after == (version or 0) + 1  # rules that name agents see the new one


async def test_a_link_works_once(tx: Transaction, here: Cast) -> None:
    token = await _token(tx, here)
    assert await invitation_by_token(tx, token, now=NOW)
    assert await join_as_new(tx, token, DAVI, language="en", now=NOW)
    assert await invitation_by_token(tx, token, now=NOW) is None
    assert await join_as_new(tx, token, DAVI, language="en", now=NOW) is None


async def test_a_link_works_for_a_week(tx: Transaction, here: Cast) -> None:
    token = await _token(tx, here)
    assert await invitation_by_token(tx, token, now=NOW + LASTS - timedelta(seconds=1))
    assert await invitation_by_token(tx, token, now=NOW + LASTS) is None
    assert await join_as_new(tx, token, DAVI, language="en", now=NOW + LASTS) is None


async def test_a_new_link_ends_the_one_before(tx: Transaction, here: Cast) -> None:
    old, new = await _token(tx, here), await _token(tx, here, role=Role.ADMINISTRATOR)
    assert await invitation_by_token(tx, old, now=NOW) is None
    found = await invitation_by_token(tx, new, now=NOW)
    assert found is not None
    assert (found.role, found.account.name) == ("administrator", "Acme")
    assert len(await invitations_of(tx, here.account.id)) == 1


async def test_a_link_that_was_taken_back_works_no_more(tx: Transaction, here: Cast) -> None:
    token = await _token(tx, here)
    [invitation] = await invitations_of(tx, here.account.id)
    assert await find_invitation(tx, here.other_account.id, invitation.id) is None
    await revoke_invitation(tx, invitation)
    assert await invitation_by_token(tx, token, now=NOW) is None


async def test_only_the_digest_of_a_link_is_kept(tx: Transaction, here: Cast) -> None:
    token = await _token(tx, here)
    [invitation] = await invitations_of(tx, here.account.id)
    assert token.encode() not in invitation.digest


async def test_somebody_of_another_account_is_in_both_afterwards(
    tx: Transaction, here: Cast
) -> None:
    token = await _token(tx, here, "celia@elsewhere.example")
    celia = await _person(tx, here.celia)
    member = await join_as(tx, token, celia, now=NOW)
    assert member is not None
    assert (member.account_id, member.role) == (here.account.id, Role.AGENT)
    own = await find_membership(tx, here.other_account.id, celia.id)
    assert own is not None
    assert own.role == Role.ADMINISTRATOR


async def test_a_link_is_for_one_address(tx: Transaction, here: Cast) -> None:
    token = await _token(tx, here)
    assert await join_as(tx, token, await _person(tx, here.celia), now=NOW) is None
    assert await find_membership(tx, here.account.id, here.celia.user_id) is None


async def test_who_is_in_already_keeps_the_role(tx: Transaction, here: Cast) -> None:
    token = await _token(tx, here, "beto@acme.example", role=Role.ADMINISTRATOR)
    member = await join_as(tx, token, await _person(tx, here.beto), now=NOW)
    assert member is not None
    assert member.role == Role.AGENT


async def test_old_invitations_can_be_renewed_for_a_month(tx: Transaction, here: Cast) -> None:
    await _token(tx, here)
    for days, left in ((36, 1), (38, 0)):
        await prune_invitations(tx, now=NOW + timedelta(days=days))
        assert await tx.scalar(select(func.count()).select_from(Invitation)) == left
