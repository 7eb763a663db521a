"""The page of the account: what is saved, what is refused, and who may."""

import re

import pytest

from recado.accounts.models import Account
from recado.db.database import Database
from tests.browser import Browser
from tests.people import Cast

FORM = {"name": " Acme S.A. ", "language": "es", "time_zone": "America/Lima", "audit_days": "90"}


async def test_what_was_typed_is_saved_and_noted(
    ana: Browser, celia: Browser, database: Database, cast: Cast
) -> None:
    assert (await ana.post("/app/account", FORM)).status_code == 303
    async with database.transaction() as tx:
        kept = await tx.get_one(Account, cast.account.id)
        other = await tx.get_one(Account, cast.other_account.id)
    assert (kept.name, kept.language, kept.time_zone, kept.audit_days) == (
        "Acme S.A.", "es", "America/Lima", 90,
    )  # fmt: skip
    assert (other.name, other.audit_days) == ("Elsewhere", 365)
    assert kept.rules_version == 1  # templates of rules print the account's name
    log = (await ana.get("/app/audit")).text
    assert "Acme S.A." in log
    assert "90 days" in log
    assert "The account is saved." in (await ana.get("/app/account?saved=yes")).text


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"name": " "}, "Please enter a name."),
        ({"name": "x" * 256}, "Use at most 255 characters."),
        ({"language": "tlh"}, "Choose one of: pt_BR, en, es."),
        ({"time_zone": "Mars/Olympus"}, "There is no such time zone."),
        ({"time_zone": "../../etc/passwd"}, "There is no such time zone."),
        ({"audit_days": "0"}, "Enter a number of days from 1 to 3650."),
        ({"audit_days": "3651"}, "Enter a number of days from 1 to 3650."),
        ({"audit_days": "-5"}, "Enter a number of days from 1 to 3650."),
        ({"audit_days": "9" * 40}, "Enter a number of days from 1 to 3650."),
        ({"audit_days": ""}, "Enter a number of days from 1 to 3650."),
    ],
)
async def test_what_makes_no_sense_is_refused_with_what_was_typed(
    ana: Browser, database: Database, cast: Cast, changed: dict[str, str], problem: str
) -> None:
    refused = await ana.post("/app/account", {**FORM, **changed})
    assert refused.status_code == 422
    assert problem in refused.text
    if "name" not in changed:
        assert "Acme S.A." in refused.text
    async with database.transaction() as tx:
        assert (await tx.get_one(Account, cast.account.id)).name == "Acme"


async def test_only_administrators_settle_the_account(beto: Browser, visitor: Browser) -> None:
    assert (await beto.get("/app/account")).status_code == 403
    assert (await beto.post("/app/account", FORM)).status_code == 403
    assert (await visitor.get("/app/account")).status_code == 303


async def test_every_time_zone_is_offered_and_the_one_that_holds_is_chosen(
    ana: Browser, cast: Cast
) -> None:
    zones = {"Australia/Lord_Howe", "Africa/Cairo", "Asia/Kolkata", "America/Sao_Paulo", "UTC"}
    hours = f"/app/inboxes/{cast.inbox.id}/hours"
    for path in ("/app/account", hours):
        offered = re.findall(r'<option value="([A-Z][^"]*)"', (await ana.get(path)).text)
        assert zones <= set(offered)
        assert len(set(offered)) == len(offered)
    await ana.post("/app/account", {**FORM, "time_zone": "Australia/Lord_Howe"})
    for path in ("/app/account", "/app/automation/new"):  # a rule's hours are the account's, too
        assert '<option value="Australia/Lord_Howe" selected>' in (await ana.get(path)).text
