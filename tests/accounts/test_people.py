"""People: drafts, joining and leaving, roles, profiles, tokens, the set-up link."""

from datetime import datetime, timedelta

import pytest

from recado.accounts.joining import (
    add_agent,
    agent_problems,
    change_role,
    leaving_problem,
    remove_member,
)
from recado.accounts.models import PRESENT, Membership, Role, Session
from recado.accounts.passwords import LONGEST, hash_password, is_password
from recado.accounts.people import (
    PersonDraft,
    colleagues_of,
    find_membership,
    find_user_by_email,
    is_email,
    members_among,
    members_of,
    memberships_of,
    person_problems,
)
from recado.accounts.profiles import (
    change_password,
    choose_language,
    end_other_sessions,
    new_password_problems,
    rename,
    sessions_of,
)
from recado.accounts.setting_up import is_setup_link, new_setup_link, set_up, use_setup_link
from recado.accounts.signing_in import SignIn, member_by_session, open_session, sign_in
from recado.accounts.teams import create_team, set_team_members, team_members
from recado.accounts.tokens import (
    create_token,
    members_by_tokens,
    revoke_token,
    tokens_of,
    user_by_token,
)
from recado.db.database import Transaction
from recado.lib.names import name_problem
from tests.people import NOW, PASSWORD, Cast

DAVI = PersonDraft("Davi Nunes", "Davi@Acme.example ", "long enough to keep")


async def _member(
    tx: Transaction, token: str, account_id: int, *, now: datetime
) -> Membership | None:
    return (await members_by_tokens(tx, [(token, account_id)], now=now)).get((token, account_id))


@pytest.mark.parametrize(
    ("draft", "wrong"),
    [
        (DAVI, set()),
        (PersonDraft(" ", "davi@acme.example", "long enough"), {"name"}),
        (PersonDraft("Davi", "davi", "long enough"), {"email"}),
        (PersonDraft("Davi", "davi@acme.example", "short"), {"password"}),
        (PersonDraft("Davi", "davi@acme.example", "x" * (LONGEST + 1)), {"password"}),
        (PersonDraft("", "", ""), {"name", "email", "password"}),
    ],
)
def test_what_is_wrong_with_a_person(draft: PersonDraft, wrong: set[str]) -> None:
    assert set(person_problems(draft)) == wrong


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("a@b.example", True),
        ("a+tag@b.example", True),
        ("joão@empresa.com.br", True),
        ("a@localhost", True),  # inner networks have such addresses
        ("a@", False),
        ("@b.example", False),
        ("a b@c.example", False),
        ("a@b.example,c@d.example", False),
        ("Ana <a@b.example>", False),
        ("a@b.example\nBcc: x@y.example", False),
        ("", False),
    ],
)
def test_what_looks_like_an_email(text: str, is_one: bool) -> None:
    assert is_email(text) is is_one


def test_passwords_are_hashed_with_argon2id() -> None:
    kept = hash_password(PASSWORD)
    assert kept.startswith("$argon2id$")
    assert is_password(PASSWORD, kept)
    assert not is_password("another", kept)
    assert not is_password(PASSWORD, None)  # nobody has this e-mail
    assert not is_password(PASSWORD, "not a hash")


async def test_a_new_agent_speaks_as_who_invited_them(tx: Transaction, here: Cast) -> None:
    assert await agent_problems(tx, DAVI) == {}
    member = await add_agent(tx, here.ana, DAVI, Role.AGENT, now=NOW)
    user = await find_user_by_email(tx, "DAVI@acme.example")
    assert user is not None
    assert (user.id, user.email, user.language) == (member.user_id, "davi@acme.example", "en")
    assert not member.is_administrator
    assert [one.user.name for one in await members_of(tx, here.account.id)] == [
        "Ana Lima", "Beto Reis", "Davi Nunes",
    ]  # fmt: skip


async def test_an_email_is_used_once_even_across_accounts(tx: Transaction, here: Cast) -> None:
    draft = PersonDraft("Another", "celia@elsewhere.example", "long enough")
    assert set(await agent_problems(tx, draft)) == {"email"}


async def test_the_last_administrator_stays_one(tx: Transaction, here: Cast) -> None:
    problem = await change_role(tx, here.ana, Role.AGENT)
    assert str(problem) == "The account needs at least one administrator."
    assert here.ana.is_administrator
    assert await change_role(tx, here.beto, Role.ADMINISTRATOR) is None
    assert await change_role(tx, here.ana, Role.AGENT) is None
    assert not here.ana.is_administrator


async def test_nobody_removes_themselves_or_the_last_administrator(
    tx: Transaction, here: Cast
) -> None:
    own = await leaving_problem(tx, here.ana, asked_by=here.ana)
    last = await leaving_problem(tx, here.ana, asked_by=here.beto)
    assert str(own) == "You cannot remove yourself."
    assert str(last) == "The account needs at least one administrator."
    assert await leaving_problem(tx, here.beto, asked_by=here.ana) is None


async def test_who_is_removed_is_out_at_once(tx: Transaction, here: Cast) -> None:
    token = await open_session(tx, here.beto, SignIn("", "", ""), now=NOW)
    team = await create_team(tx, here.account.id, "Vendas")
    await set_team_members(tx, team, {here.beto.user_id})
    await remove_member(tx, here.beto)
    assert await member_by_session(tx, token, now=NOW) is None
    assert await _member(tx, here.beto_token, here.account.id, now=NOW) is None
    assert await team_members(tx, team.id) == []
    assert await memberships_of(tx, here.beto.user_id) == []
    again = SignIn("beto@acme.example", PASSWORD, "")
    assert not isinstance(await sign_in(tx, again, now=NOW), str)


async def test_a_changed_password_signs_out_the_other_browsers(tx: Transaction, here: Cast) -> None:
    kept = await open_session(tx, here.ana, SignIn("", "", ""), now=NOW)
    other = await open_session(tx, here.ana, SignIn("", "", ""), now=NOW)
    betos = await open_session(tx, here.beto, SignIn("", "", ""), now=NOW)
    await change_password(tx, here.ana.user_id, "another long one", kept_session=kept)
    assert await member_by_session(tx, kept, now=NOW) is not None
    assert await member_by_session(tx, other, now=NOW) is None
    assert await member_by_session(tx, betos, now=NOW) is not None
    await tx.refresh(here.ana.user)
    assert is_password("another long one", here.ana.user.password_hash)


@pytest.mark.parametrize(
    ("current", "wanted", "wrong"),
    [
        (PASSWORD, "another long one", set()),
        ("not it", "another long one", {"current_password"}),
        (PASSWORD, "short", {"password"}),
        ("", "", {"current_password", "password"}),
    ],
)
async def test_what_is_wrong_with_a_new_password(
    here: Cast, current: str, wanted: str, wrong: set[str]
) -> None:
    assert set(new_password_problems(here.ana.user, current, wanted)) == wrong


async def test_signing_out_elsewhere_keeps_this_browser(tx: Transaction, here: Cast) -> None:
    kept = await open_session(tx, here.ana, SignIn("", "", "192.0.2.1", "Firefox"), now=NOW)
    await open_session(tx, here.ana, SignIn("", "", "192.0.2.2"), now=NOW + timedelta(hours=1))
    shown = await sessions_of(tx, here.ana.user_id, now=NOW + timedelta(hours=2))
    assert [one.address for one in shown] == ["192.0.2.2", "192.0.2.1"]
    await end_other_sessions(tx, here.ana.user_id, kept_session=kept)
    assert [one.address for one in await sessions_of(tx, here.ana.user_id, now=NOW)] == [
        "192.0.2.1"
    ]


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        (
            "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
            "Firefox, Linux",
        ),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/140 Safari/537.36 Edg/140", "Edg, Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Safari/604.1", "Safari, iPhone"),
        ("something of one's own", "something of one's own"),
        ("", ""),
    ],
)
def test_browsers_are_named_shortly(user_agent: str, name: str) -> None:
    session = Session(
        digest=b"", user_id=1, account_id=1, address="", user_agent=user_agent,
        created_at=NOW, expires_at=NOW,
    )  # fmt: skip
    assert session.browser_name == name


async def test_a_name_and_a_language_are_ones_own_choice(tx: Transaction, here: Cast) -> None:
    assert name_problem(" ") is not None
    assert name_problem("x" * 256) is not None
    assert name_problem("Ana Maria") is None
    await rename(tx, here.ana.user_id, " Ana Maria ")
    assert await choose_language(tx, here.ana.user_id, "es-MX") == "es"
    await tx.refresh(here.ana.user)
    assert (here.ana.user.name, here.ana.user.language) == ("Ana Maria", "es")


async def test_a_token_acts_as_its_person_and_only_in_their_account(
    tx: Transaction, here: Cast
) -> None:
    token = await create_token(tx, here.ana.user_id, "Zap", now=NOW)
    member = await _member(tx, token, here.account.id, now=NOW)
    assert member is not None
    assert member.user_id == here.ana.user_id
    assert await _member(tx, token, here.other_account.id, now=NOW) is None
    assert await _member(tx, "made up", here.account.id, now=NOW) is None
    user = await user_by_token(tx, token, now=NOW)
    assert user is not None
    assert user.email == "ana@acme.example"


async def test_only_the_owner_revokes_a_token(tx: Transaction, here: Cast) -> None:
    token = await create_token(tx, here.ana.user_id, "Zap", now=NOW)
    kept = (await tokens_of(tx, here.ana.user_id, now=NOW))[0]
    assert (kept.name, kept.ending) == ("Zap", token[-4:])
    assert not await revoke_token(tx, here.celia.user_id, kept.id)
    assert await revoke_token(tx, here.ana.user_id, kept.id)
    assert not await revoke_token(tx, here.ana.user_id, kept.id)
    assert await _member(tx, token, here.account.id, now=NOW) is None


async def test_a_token_remembers_its_last_use_to_the_minute(tx: Transaction, here: Cast) -> None:
    token = await create_token(tx, here.ana.user_id, "Zap", now=NOW)
    for moment in (NOW, NOW + timedelta(seconds=30), NOW + timedelta(seconds=90)):
        await _member(tx, token, here.account.id, now=moment)
        kept = (await tokens_of(tx, here.ana.user_id, now=NOW))[0]
        await tx.refresh(kept)
        expected = NOW if moment < NOW + timedelta(seconds=60) else moment
        assert kept.last_used_at == expected


async def test_the_setup_link_works_once(tx: Transaction) -> None:
    first = await new_setup_link(tx, now=NOW)
    token = await new_setup_link(tx, now=NOW)  # a second start: the first link is forgotten
    assert first is not None
    assert token is not None
    assert not await is_setup_link(tx, first)
    assert await is_setup_link(tx, token)
    assert await use_setup_link(tx, token, now=NOW)
    assert not await use_setup_link(tx, token, now=NOW)
    assert not await is_setup_link(tx, token)


async def test_setting_up_makes_an_administrator_and_ends_setting_up(tx: Transaction) -> None:
    member = await set_up(tx, " Acme ", DAVI, language="es", now=NOW)
    assert member.is_administrator
    assert (member.account.name, member.user.email) == ("Acme", "davi@acme.example")
    assert await new_setup_link(tx, now=NOW) is None


async def test_strangers_cannot_be_put_into_a_team(tx: Transaction, here: Cast) -> None:
    team = await create_team(tx, here.account.id, " Vendas ", "quem vende")
    await set_team_members(tx, team, {here.beto.user_id, here.celia.user_id, 999_999})
    assert team.name == "vendas"
    assert [one.name for one in await team_members(tx, team.id)] == ["Beto Reis"]
    assert await find_membership(tx, here.account.id, here.celia.user_id) is None


async def test_colleagues_are_the_members_as_rows(tx: Transaction, here: Cast) -> None:
    here.beto.seen_at, here.ana.auto_offline = NOW, False
    await tx.flush()
    members = await members_of(tx, here.account.id)
    assert [one.name for one in await colleagues_of(tx, here.account.id)] == [
        "Ana Lima",
        "Beto Reis",
    ]
    for one, member in zip(await colleagues_of(tx, here.account.id), members, strict=True):
        assert (one.user_id, one.email) == (member.user_id, member.user.email)
        assert one.is_administrator == member.is_administrator
        for moment in (NOW, NOW + 2 * PRESENT):
            assert one.availability_at(moment) == member.availability_at(moment)


async def test_some_of_an_account_are_found_among_others(tx: Transaction, here: Cast) -> None:
    wanted = [here.celia.user_id, here.beto.user_id, 2**40]  # Célia is a stranger
    found = await members_among(tx, here.account.id, wanted)
    assert [one.user.name for one in found] == ["Beto Reis"]
    assert await members_among(tx, here.account.id, []) == []
