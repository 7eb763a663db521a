"""The list, the form, switching and deleting, as a browser without scripts meets them."""

import html
import re
from typing import Any

import pytest

from recado.actions.models import ActionState, CustomAction
from recado.actions.saving import ActionDraft, HeaderDraft, actions_of, create_action, find_action
from recado.contacts.attributes import AttributeDraft, create_attribute, delete_attribute
from recado.contacts.models import AttributeKind, AttributeModel
from recado.db.database import Database
from recado.deliveries.delivering import Outbound
from recado.lib.languages import gettext, speaking
from tests.browser import Browser
from tests.people import NOW, Cast

BODY = '{"name": "{{ contact.name }}"}'
FORM: dict[str, Any] = {
    "name": "CRM",
    "description": "New customers",
    "method": "POST",
    "url": "https://crm.example.com/v1/contacts/{{ contact.id }}",
    "body_kind": "json",
    "body": BODY,
}


@pytest.fixture
async def action(database: Database, cast: Cast, outbound: Outbound) -> CustomAction:
    """An active action of Ana's account, with a secret header."""
    draft = ActionDraft(
        name="Orders",
        url="https://shop.example.com/orders",
        headers=(HeaderDraft("Authorization", "Bearer s3cr3t", is_secret=True),),
        body=BODY,
    )
    async with database.transaction() as tx:
        return await create_action(
            tx, cast.account.id, draft, vault=outbound.vault, now=NOW, state=ActionState.ACTIVE
        )


async def _stored(database: Database, cast: Cast, name: str = "") -> CustomAction:
    async with database.transaction() as tx:
        every = await actions_of(tx, cast.account.id)
    return next(one for one in every if one.name == name or not name)


async def test_the_form_says_which_attribute_it_prints_is_gone(
    ana: Browser, database: Database, cast: Cast, outbound: Outbound, action: CustomAction
) -> None:
    draft = AttributeDraft("CPF", "cpf", AttributeKind.TEXT, AttributeModel.CONTACT)
    printing = ActionDraft(
        "CPF", url=action.url, body='{"cpf": "{{ contact.custom_attribute.cpf }}"}'
    )
    async with database.transaction() as tx:
        attribute = await create_attribute(tx, cast.account.id, draft, now=NOW)
        prints = await create_action(tx, cast.account.id, printing, vault=outbound.vault, now=NOW)
    told = "There is no variable “contact.custom_attribute.cpf”."
    assert told not in (await ana.get(f"/app/actions/{prints.id}")).text
    async with database.transaction() as tx:
        await delete_attribute(tx, await tx.merge(attribute))
    page = await ana.get(f"/app/actions/{prints.id}")
    assert page.status_code == 200
    assert told in page.text
    assert told not in (await ana.get(f"/app/actions/{action.id}")).text


async def test_the_list_marks_an_action_that_prints_a_deleted_attribute(
    ana: Browser, database: Database, cast: Cast, outbound: Outbound, action: CustomAction
) -> None:
    attribute = AttributeDraft("CPF", "cpf", AttributeKind.TEXT, AttributeModel.CONTACT)
    name = "contact.custom_attribute.cpf"
    header = HeaderDraft("X-CPF", f"{{{{ {name} }}}}")
    printing = {
        "URL": ActionDraft("URL", url=f"https://crm.example.com/{{{{ {name} }}}}"),
        "header": ActionDraft("header", url=action.url, headers=(header,)),
        "body": ActionDraft("body", url=action.url, body=f'{{"cpf": "{{{{ {name} }}}}"}}'),
    }
    vault = outbound.vault
    async with database.transaction() as tx:
        cpf = await create_attribute(tx, cast.account.id, attribute, now=NOW)
        made = [
            await create_action(tx, cast.account.id, one, vault=vault, now=NOW)
            for one in printing.values()
        ]
    told = f"It prints {name}, which no longer exists"
    assert told not in (await ana.get("/app/actions")).text
    async with database.transaction() as tx:
        await delete_attribute(tx, await tx.merge(cpf))
    assert (await ana.get("/app/actions")).text.count(told) == len(made)
    switched = await ana.post(f"/app/actions/{made[0].id}/switch?to=active", htmx=True)
    assert told in switched.text  # the row is drawn anew


async def test_list_and_form_mark_an_action_that_keeps_a_value_in_a_deleted_attribute(
    ana: Browser, database: Database, cast: Cast, outbound: Outbound, action: CustomAction
) -> None:
    keeps = [{"path": f"body.{key}", "of": "contact", "key": key} for key in ("cpf", "crm_id")]
    draft = ActionDraft("Keeps", url=action.url, answers={"fields": keeps})
    async with database.transaction() as tx:
        cpf, _ = [
            await create_attribute(
                tx, cast.account.id, AttributeDraft(key, key, AttributeKind.TEXT, AttributeModel.CONTACT), now=NOW
            )
            for key in ("cpf", "crm_id")
        ]  # fmt: skip
        made = await create_action(tx, cast.account.id, draft, vault=outbound.vault, now=NOW)
    told = "It keeps a value of the answer in contact.custom_attribute.cpf, which was deleted"
    here, at_its_row = f"/app/actions/{made.id}/edit", 'id="error-answers-fields-0-key"'
    assert told not in (await ana.get("/app/actions")).text
    assert at_its_row not in (await ana.get(here)).text
    async with database.transaction() as tx:
        await delete_attribute(tx, await tx.merge(cpf))
    assert (await ana.get("/app/actions")).text.count(told) == 1
    form = (await ana.get(here)).text
    assert at_its_row in form
    assert 'id="error-answers-fields-1-key"' not in form
    assert "The custom attribute was deleted." in form


def _links(action: CustomAction) -> list[tuple[str, str]]:
    link = f"/app/actions/{action.id}"
    return [
        ("get", "/app/actions"),
        ("get", "/app/actions/results"),
        ("get", "/app/actions/new"),
        ("post", "/app/actions"),
        ("post", "/app/actions/check"),
        ("get", link),
        ("get", f"{link}/edit"),
        ("post", link),
        ("get", f"{link}/test"),
        ("post", f"{link}/preview"),
        ("post", f"{link}/test"),
        ("post", f"{link}/save"),
        ("post", f"{link}/switch"),
        ("get", f"{link}/delete"),
        ("post", f"{link}/delete"),
    ]


async def test_an_agent_may_open_none_of_these_pages(beto: Browser, action: CustomAction) -> None:
    for method, path in _links(action):
        answer = await getattr(beto, method)(path)
        assert (path, answer.status_code) == (path, 403)


async def test_a_visitor_is_sent_to_sign_in(visitor: Browser, action: CustomAction) -> None:
    await visitor.get("/sign-in")
    for method, path in _links(action):
        answer = await getattr(visitor, method)(path)
        assert (path, answer.status_code) == (path, 303)
        assert answer.headers["location"].startswith("/sign-in")


async def test_a_stranger_finds_no_action_of_ours(celia: Browser, action: CustomAction) -> None:
    for method, path in _links(action):
        answer = await getattr(celia, method)(path)
        if str(action.id) in path:
            assert (path, answer.status_code) == (path, 404)
        assert action.name not in answer.text


async def test_an_id_beyond_every_number_is_not_found(ana: Browser) -> None:
    answer = await ana.get(f"/app/actions/{10**30}/edit")
    assert answer.status_code == 404


async def test_an_empty_list_says_what_actions_are_for(ana: Browser) -> None:
    answer = await ana.get("/app/actions")
    assert answer.status_code == 200
    assert "A custom action is a request that Recado sends for you" in answer.text
    assert answer.text.count("Add a new custom action") == 1


async def test_the_list_shows_method_host_and_switch(ana: Browser, action: CustomAction) -> None:
    shown = (await ana.get("/app/actions")).text
    assert "Orders" in shown
    assert '<span class="method post">POST</span>' in shown
    assert "shop.example.com" in shown
    assert 'aria-checked="true"' in shown
    assert "Not sent yet" in shown
    assert f'hx-get="/app/automation/uses?actions={action.id}"' in shown
    assert f'id="uses-{action.id}"></span>' in shown  # where it comes


async def test_htmx_gets_the_list_alone(ana: Browser, action: CustomAction) -> None:
    answer = await ana.get("/app/actions", headers={"hx-request": "true"})
    assert answer.text.lstrip().startswith('<div id="actions"')
    assert "<html" not in answer.text


async def test_the_form_offers_the_variables(ana: Browser) -> None:
    shown = (await ana.get("/app/actions/new")).text
    assert '"name": "contact.name"' in shown
    assert '"name": "contact.phone"' in shown  # an alias: known, not offered
    assert "Add an HTTP header pair" in shown


async def test_the_form_offers_names_of_headers(ana: Browser) -> None:
    shown = (await ana.get("/app/actions/new")).text
    known = shown.partition('<datalist id="headers-known">')[2].partition("</datalist>")[0]
    assert '<option value="Content-Type">' in known
    name = shown.partition('name="headers-__-name"')[2].partition(">")[0]
    assert 'list="headers-known"' in name


async def test_creating_makes_a_draft_and_leads_to_its_test(
    ana: Browser, database: Database, cast: Cast
) -> None:
    answer = await ana.post("/app/actions", {**FORM, "body": BODY.replace(": ", ":\r\n")})
    action = await _stored(database, cast)
    assert answer.status_code == 303
    assert answer.headers["location"] == f"/app/actions/{action.id}/test"
    assert (action.state, action.name, action.description) == ("draft", "CRM", "New customers")
    assert action.body == BODY.replace(": ", ":\n")  # line breaks as the editor has them


async def test_htmx_follows_after_creating(ana: Browser, database: Database, cast: Cast) -> None:
    answer = await ana.post("/app/actions", FORM, htmx=True)
    action = await _stored(database, cast)
    assert answer.headers["hx-redirect"] == f"/app/actions/{action.id}/test"


WRONG = [
    ({"name": " "}, "name", "Please enter a name."),
    ({"name": "x" * 101}, "name", "Use at most 100 characters."),
    ({"name": "oRDERs"}, "name", "This name is taken by another custom action."),
    ({"method": "BREW"}, "method", "Choose one of"),
    ({"url": "ftp://crm.example.com"}, "url", "must begin with http"),
    ({"url": "https://{{ contact.name }}.example.com"}, "url", "only in the path and query"),
    ({"url": "https://a:b@crm.example.com/"}, "url", "user name or password"),
    ({"url": "https://crm.example.com/{{ contact.nam }}"}, "url", "Did you mean"),
    ({"body": '{"a": }'}, "body", "Here must stand a value"),
    ({"body": ""}, "body", "Write the JSON"),
    ({"body_kind": "form", "body": "no sign"}, "body", "name = value"),
    ({"body": '"{{ contact.custom_attribute.cpf }}"'}, "body", "There is no variable"),
    ({"headers-0-name": "a b", "headers-0-value": "x"}, "headers-0-name", "no spaces"),
    ({"headers-0-name": "", "headers-0-value": "x"}, "headers-0-name", "name, or remove"),
    ({"headers-0-name": "Host", "headers-0-value": "x"}, "headers-0-name", "Recado sets"),
    ({"headers-0-name": "A", "headers-0-value": "{{ x }}"}, "headers-0-value", "no variable"),
    ({"headers-0-name": "A", "headers-0-secret": "true"}, "headers-0-value", "secret value"),
]


async def test_a_mistake_is_told_under_its_field(ana: Browser, action: CustomAction) -> None:
    for change, field, sentence in WRONG:
        for htmx in (True, False):
            answer = await ana.post("/app/actions", {**FORM, **change}, htmx=htmx)
            shown = html.unescape(answer.text)
            error = re.search(rf'id="error-{field}">.*?</p>', shown, re.DOTALL)
            assert answer.status_code == 422, change
            assert error is not None, change
            assert sentence in error[0]
            assert ("<html" in shown) is not htmx


async def test_nothing_typed_is_lost_in_a_refused_form(ana: Browser) -> None:
    form = {**FORM, "name": "", "headers-0-name": "X-A", "headers-0-value": "<b>"}
    shown = html.unescape((await ana.post("/app/actions", form)).text)
    assert BODY in shown
    assert "New customers" in shown
    assert 'value="X-A"' in shown
    assert 'value="<b>"' in shown


async def test_a_typed_secret_never_comes_back(ana: Browser) -> None:
    form = {**FORM, "name": "", "headers-0-name": "X-Key", "headers-0-value": "hush",
            "headers-0-secret": "true"}  # fmt: skip
    shown = (await ana.post("/app/actions", form, htmx=True)).text
    assert "hush" not in shown
    assert "Enter the secret again: for safety the page does not show it." in shown


async def test_rows_may_have_gaps_and_empty_ones_are_left_out(
    ana: Browser, database: Database, cast: Cast
) -> None:
    form = {**FORM, "headers-7-name": "X-B", "headers-7-value": "2", "headers-3-name": "",
            "headers-3-value": "", "headers-2-name": "X-A", "headers-2-value": "1"}  # fmt: skip
    await ana.post("/app/actions", form)
    action = await _stored(database, cast)
    assert [(one["name"], one["value"]) for one in action.headers] == [("X-A", "1"), ("X-B", "2")]


async def test_a_get_is_saved_without_its_hidden_body(
    ana: Browser, database: Database, cast: Cast
) -> None:
    answer = await ana.post("/app/actions", {**FORM, "method": "GET"})
    action = await _stored(database, cast)
    assert answer.status_code == 303
    assert (action.body_kind, action.body) == ("none", BODY)


async def test_editing_shows_that_a_secret_is_saved_but_not_what_it_is(
    ana: Browser, action: CustomAction
) -> None:
    shown = (await ana.get(f"/app/actions/{action.id}/edit")).text
    assert "s3cr3t" not in shown
    assert "Saved; type to replace it" in shown
    secret = shown.partition('id="field-headers-0-value"')[2].partition(">")[0]
    assert 'autocomplete="new-password"' in secret
    assert "Save and test" in shown


def _edited(action: CustomAction, **changes: str) -> dict[str, str]:
    secret_id = action.headers[0]["secret_id"]
    return {**FORM, "name": "Orders", "url": action.url, "headers-0-name": "Authorization",
            "headers-0-secret": "true", "headers-0-kept": str(secret_id), **changes}  # fmt: skip


async def test_an_untouched_secret_is_kept(
    ana: Browser, database: Database, cast: Cast, action: CustomAction
) -> None:
    answer = await ana.post(f"/app/actions/{action.id}", _edited(action, body='{"a": 1}'))
    stored = await _stored(database, cast)
    assert answer.headers["location"] == f"/app/actions/{action.id}/test"
    assert stored.body == '{"a": 1}'
    assert stored.headers == action.headers
    await ana.post(f"/app/actions/{action.id}", _edited(action, body='{"a": 2}'))
    assert (await _stored(database, cast)).version == stored.version + 1


async def test_a_secret_is_asked_for_again_when_the_host_changes(
    ana: Browser, action: CustomAction
) -> None:
    form = _edited(action, url="https://elsewhere.example.com/")
    answer = await ana.post(f"/app/actions/{action.id}", form)
    assert answer.status_code == 422
    assert "enter the secret again for the new host" in answer.text


async def test_a_secret_does_not_become_readable(ana: Browser, action: CustomAction) -> None:
    form = {**_edited(action), "headers-0-secret": ""}
    answer = await ana.post(f"/app/actions/{action.id}", form)
    assert answer.status_code == 422
    assert "The saved value stays secret." in answer.text
    assert "headers-0-kept" in answer.text


async def test_a_foreign_secret_cannot_be_taken_over(ana: Browser, action: CustomAction) -> None:
    """Neither one of another account nor one of another action."""
    await ana.post("/app/actions", FORM)
    secret_id = action.headers[0]["secret_id"]
    form = {**FORM, "url": action.url, "name": "Mine", "headers-0-name": "A",
            "headers-0-secret": "true", "headers-0-kept": str(secret_id)}  # fmt: skip
    answer = await ana.post("/app/actions", form)
    assert answer.status_code == 422
    assert "Enter the secret value." in answer.text


async def test_an_action_keeps_its_own_name(ana: Browser, action: CustomAction) -> None:
    answer = await ana.post(f"/app/actions/{action.id}", _edited(action, name="ORDERS"))
    assert answer.status_code == 303


CHECKS = [
    ("json", '{"a": "😀", "b": }', [17, 18]),  # places count UTF-16 units
    ("json", '{\n"a": {{ contact.nam }}\n}', [10, 21]),
    ("json", BODY, None),
    ("json", "  ", None),  # not wrong yet
    ("form", "a = {{ contact.name }}", None),
    ("form", "a", [0, 1]),
    ("text", "{{ nobody }}", [3, 9]),
    ("none", "{{ nobody }}", None),
    ("brainfuck", "+[", None),
]


async def test_the_editor_is_told_what_is_wrong(ana: Browser) -> None:
    for language, text, place in CHECKS:
        answer = await ana.post("/app/actions/check", {"text": text, "language": language})
        found = answer.json()
        assert [[one["from"], one["to"]] for one in found] == ([place] if place else []), text
        assert all(one["severity"] == "error" and one["message"] for one in found)


async def test_switching_off_says_what_stops_and_on_again(
    ana: Browser, database: Database, cast: Cast, action: CustomAction
) -> None:
    link = f"/app/actions/{action.id}/switch"
    answer = await ana.post(link + "?to=off", htmx=True)
    assert "Rules no longer send it" in answer.text
    assert f"/app/automation/using/{action.id}" in answer.text
    assert 'aria-checked="false"' in answer.text
    assert (await _stored(database, cast)).state == "off"
    again = await ana.post(link + "?to=off", htmx=True)  # a second tab: still off
    assert 'aria-checked="false"' in again.text
    answer = await ana.post(link + "?to=active", htmx=True)
    assert 'aria-checked="true"' in answer.text
    assert (await _stored(database, cast)).state == "active"


async def test_a_method_says_what_it_does(ana: Browser) -> None:
    shown = (await ana.get("/app/actions/new")).text
    options = re.findall(r'<option value="([A-Z]+)" data-detail="([^"]+)"', shown)
    assert [name for name, _ in options] == ["POST", "PUT", "PATCH", "GET", "DELETE"]
    assert all(about.endswith(".") for _, about in options)


async def test_a_toast_switches_back(
    ana: Browser, database: Database, cast: Cast, action: CustomAction
) -> None:
    answer = await ana.post(f"/app/actions/{action.id}/switch?to=off", htmx=True)
    path = f"/app/actions/{action.id}/switch?to=active&undone=1"
    assert f'hx-post="{path.replace("&", "&amp;")}"' in answer.text
    back = await ana.post(path, htmx=True)
    assert "hx-partial" not in back.text
    assert (await _stored(database, cast)).state == "active"


async def test_switching_works_without_scripts(ana: Browser, action: CustomAction) -> None:
    answer = await ana.post(f"/app/actions/{action.id}/switch")
    assert answer.headers["location"] == f"/app/actions?off={action.id}"
    assert "Rules no longer send it" in (await ana.get(answer.headers["location"])).text


async def test_only_the_right_name_deletes(
    ana: Browser, database: Database, cast: Cast, action: CustomAction
) -> None:
    link = f"/app/actions/{action.id}/delete"
    page = await ana.get(link)
    assert "Yes, delete Orders" in page.text
    assert f"/app/automation/using/{action.id}" in page.text
    refused = await ana.post(link, {"name": "Order"})
    assert refused.status_code == 422
    assert "Nothing was deleted." in refused.text
    answer = await ana.post(link, {"name": "Orders"})
    assert answer.headers["location"] == "/app/actions?deleted=1"
    async with database.transaction() as tx:
        assert await find_action(tx, cast.account.id, action.id) is None
    assert "was deleted" in (await ana.get(answer.headers["location"])).text


async def test_saving_makes_a_draft_active(ana: Browser, database: Database, cast: Cast) -> None:
    await ana.post("/app/actions", FORM)
    action = await _stored(database, cast)
    answer = await ana.post(f"/app/actions/{action.id}/save")
    assert answer.headers["location"] == f"/app/actions?saved={action.id}"
    assert (await _stored(database, cast)).state == "active"
    assert "is saved and active" in (await ana.get(answer.headers["location"])).text


async def test_saving_leaves_switched_off_what_is(
    ana: Browser, database: Database, cast: Cast, action: CustomAction
) -> None:
    await ana.post(f"/app/actions/{action.id}/switch?to=off")
    await ana.post(f"/app/actions/{action.id}/save")
    assert (await _stored(database, cast)).state == "off"
    shown = (await ana.get(f"/app/actions?saved={action.id}")).text
    assert "still switched off" in shown


def test_the_buttons_are_called_as_people_know_them() -> None:
    names = {
        "Add a new custom action": "Adicionar uma nova ação personalizada",
        "Add an HTTP header pair": "Adicionar par de cabeçalho HTTP",
        "Request body": "Corpo da Solicitação",
        "HTTP method": "Método HTTP",
        "HTTP headers": "Cabeçalhos HTTP",
        "Create": "Criar",
        "Test request": "Testar solicitação",
        "Test the action again": "Testar ação novamente",
        "Save action": "Salvar ação",
        "Yes, delete %(name)s": "Sim, excluir %(name)s",
    }
    with speaking("pt_BR"):
        assert {english: gettext(english) for english in names} == names


async def test_a_taken_name_leads_to_who_has_it(
    ana: Browser, celia: Browser, action: CustomAction
) -> None:
    refused = await ana.post("/app/actions", FORM | {"name": " orders "})
    assert refused.status_code == 422
    assert "This name is taken by another custom action." in refused.text
    assert f'href="/app/actions/{action.id}/edit"' in refused.text
    other = await celia.post("/app/actions", FORM | {"name": "Orders"})
    assert other.status_code == 303  # of another account it is nobody's name
