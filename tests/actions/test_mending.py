"""A proposed edit in the form of its action: filled in, saved by nobody."""

from dataclasses import replace
from typing import Any

import pytest

from recado.actions.authorizing import AuthDraft
from recado.actions.mending import mended
from recado.actions.models import CustomAction
from recado.actions.saving import ActionDraft, HeaderDraft, create_action
from recado.db.database import Database
from recado.deliveries.delivering import Outbound
from recado.deliveries.proposing import Field, Proposal
from recado.lib.languages import say
from tests.browser import Browser
from tests.people import NOW, Cast
from tests.receiver import Receiver

SENT = "https://crm.example/c/7?a=b"
PLAIN = ActionDraft("CRM", url=SENT, body="{}")
WITH_VARIABLES = replace(PLAIN, url="https://crm.example/c/{{ contact.id }}?a=b")
JSON = HeaderDraft("Content-Type", "application/json")
URLS = [
    # template, where it has moved, what the form shows (None: as before)
    (SENT, "https://www.crm.example/d?a=b", "https://www.crm.example/d?a=b"),
    ("https://crm.example/other", "https://www.crm.example/d", None),  # changed since
    (WITH_VARIABLES.url, "https://www.crm.example/c/7?a=b",
     "https://www.crm.example/c/{{ contact.id }}?a=b"),
    (WITH_VARIABLES.url, "https://crm.example/c/7/?a=b",
     "https://crm.example/c/{{ contact.id }}/?a=b"),
    (WITH_VARIABLES.url, "https://crm.example/d/7?a=b", None),  # where would the id go?
    (WITH_VARIABLES.url, "https://crm.example/c/8?a=b", None),
    ("https://erp.example/c/{{ contact.id }}", "https://www.crm.example/c/7?a=b", None),
    (SENT, "https://www.crm.example/a/../b", None),  # the form would refuse it
]  # fmt: skip


def _proposal(field: Field, value: str) -> Proposal:
    return Proposal(field, value, say("Waiting"))


@pytest.mark.parametrize(("template", "moved", "expected"), URLS)
def test_variables_stay_in_an_address_that_moved(
    template: str, moved: str, expected: str | None
) -> None:
    made = mended(replace(PLAIN, url=template), _proposal(Field.URL, moved), SENT)
    assert (made.url if made else None) == expected


def test_a_content_type_is_added_or_replaced_where_it_stood() -> None:
    proposal = _proposal(Field.CONTENT_TYPE, "application/json")
    other, wrong = HeaderDraft("X-A", "1"), HeaderDraft("content-type ", "text/plain")
    for before, after in (
        ((), (JSON,)),
        ((other,), (other, JSON)),
        ((wrong, other, wrong), (JSON, other)),
        ((JSON,), None),
        ((replace(wrong, is_secret=True, secret_id=3),), None),
    ):
        made = mended(replace(PLAIN, headers=before), proposal, SENT)
        assert (made.headers if made else None) == after


def test_a_kind_of_authentication_is_chosen_only_where_there_is_none() -> None:
    basic = _proposal(Field.AUTH, "basic")
    made = mended(PLAIN, basic, SENT)
    assert made is not None
    assert made.auth.kind == "basic"
    bearer = replace(PLAIN, auth=AuthDraft("bearer"))
    assert mended(bearer, basic, SENT) == bearer
    assert mended(PLAIN, _proposal(Field.AUTH, ""), SENT) == PLAIN


def test_a_method_is_changed_once() -> None:
    proposal = _proposal(Field.METHOD, "PUT")
    made = mended(PLAIN, proposal, SENT)
    assert made == replace(PLAIN, method="PUT")
    assert mended(made, proposal, SENT) is None


@pytest.fixture
async def action(
    database: Database, cast: Cast, outbound: Outbound, receiver: Receiver
) -> CustomAction:
    """A draft that sends JSON as text."""
    draft = ActionDraft("CRM", "", "POST", f"{receiver.url}/crm", (), "text", '{"a": 1}')
    async with database.transaction() as tx:
        return await create_action(tx, cast.account.id, draft, vault=outbound.vault, now=NOW)


async def _refused_test(
    ana: Browser, receiver: Receiver, action: CustomAction, status: int, **headers: str
) -> tuple[str, str]:
    """The test page after a refusal, and the address that its correction leads to."""
    receiver.answer_once(
        status, b"", {name.replace("_", "-"): one for name, one in headers.items()}
    )
    shown = (await ana.post(f"/app/actions/{action.id}/test")).text
    start = f"/app/actions/{action.id}/edit?mend="
    assert start in shown
    return shown, start + shown.partition(start)[2].partition('"')[0]


async def test_a_refused_content_type_is_filled_in_and_saved_by_nobody(
    ana: Browser, receiver: Receiver, action: CustomAction, database: Database
) -> None:
    shown, address = await _refused_test(ana, receiver, action, 415)
    assert "Apply the correction" in shown
    delivery_id = address.rpartition("=")[2]
    log = (await ana.get(f"/app/deliveries/{delivery_id}")).text
    assert address in log
    form = (await ana.get(address)).text
    assert "The correction is filled in; nothing is saved yet." in form
    assert 'value="Content-Type"' in form
    assert 'value="application/json"' in form
    assert 'redraw="/app/actions/draft" changed>' in form
    assert 'href="#field-headers"' in form
    assert 'id="field-headers"' in form
    async with database.transaction() as tx:
        stored = await tx.get(CustomAction, action.id)
        assert stored is not None
        assert (stored.headers, stored.version) == (action.headers, action.version)


@pytest.mark.parametrize(
    ("status", "headers", "shown"),
    [
        (405, {"Allow": "PUT"}, " selected>PUT<"),
        (308, {"Location": "/crm/"}, "/crm/&#34;"),
        (401, {"WWW_Authenticate": "Basic"}, '<option value="basic" selected>'),
    ],
)
async def test_other_answers_fill_in_their_field(
    ana: Browser, receiver: Receiver, action: CustomAction, status: int, headers: Any, shown: str
) -> None:
    _, address = await _refused_test(ana, receiver, action, status, **headers)
    form = (await ana.get(address)).text
    assert shown.replace("&#34;", '"') in form
    assert 'id="mending"' in form
    place = form.partition('id="mending"')[2].partition('href="#')[2].partition('"')[0]
    assert f'id="{place}"' in form


async def test_what_does_not_fit_any_more_is_told(
    ana: Browser, receiver: Receiver, action: CustomAction, database: Database
) -> None:
    _, address = await _refused_test(ana, receiver, action, 405, Allow="PUT")
    async with database.transaction() as tx:
        stored = await tx.get(CustomAction, action.id)
        assert stored is not None
        stored.method = "PUT"
    form = (await ana.get(address)).text
    assert "Nothing was filled in" in form
    assert 'redraw="/app/actions/draft">' in form


async def test_only_the_actions_own_deliveries_mend_it(
    ana: Browser,
    beto: Browser,
    celia: Browser,
    receiver: Receiver,
    action: CustomAction,
    database: Database,
    cast: Cast,
    outbound: Outbound,
) -> None:
    _, address = await _refused_test(ana, receiver, action, 415)
    number = address.rpartition("=")[2]
    draft = replace(PLAIN, name="ERP")
    async with database.transaction() as tx:
        other = await create_action(tx, cast.account.id, draft, vault=outbound.vault, now=NOW)
        foreign = await create_action(
            tx, cast.celia.account_id, draft, vault=outbound.vault, now=NOW
        )
    assert (await ana.get(f"/app/actions/{other.id}/edit?mend={number}")).status_code == 404
    assert (await ana.get(f"/app/actions/{action.id}/edit?mend=x")).status_code == 404
    assert (await ana.get(f"/app/actions/{action.id}/edit?mend=999999")).status_code == 404
    assert (await celia.get(address)).status_code == 404
    assert (await celia.get(f"/app/actions/{foreign.id}/edit?mend={number}")).status_code == 404
    assert (await celia.get(f"/app/actions/{foreign.id}/edit")).status_code == 200
    assert (await beto.get(address)).status_code in {403, 404}


async def test_a_success_proposes_nothing(
    ana: Browser, receiver: Receiver, action: CustomAction
) -> None:
    shown = (await ana.post(f"/app/actions/{action.id}/test")).text
    assert "?mend=" not in shown
