"""The request of a custom action as it is typed: URL and parameters, pasted commands, headers, variables."""

import json
from typing import Any

import pytest
from playwright.async_api import Page, expect

from recado.contacts.attributes import AttributeDraft, create_attribute
from recado.contacts.models import AttributeKind, AttributeModel
from tests.journeys.browsing import is_ready
from tests.journeys.conftest import OpenPage, Site
from tests.people import NOW

pytestmark = pytest.mark.journey

# a URL, its pairs, and the URL once the first value is "a b&c"
QUERIES: list[tuple[str, list[tuple[str, str]], str]] = [
    ("https://x.example/a", [], ""),
    ("https://x.example/a?", [], ""),
    ("https://x.example/?q=1", [("q", "1")], "https://x.example/?q=a%20b%26c"),
    ("https://x.example/?q=a%20b+c&r", [("q", "a b c"), ("r", "")], "https://x.example/?q=a%20b%26c&r"),
    ("https://x.example/?q=%zz&r=%C3%A9", [("q", "%zz"), ("r", "é")], "https://x.example/?q=a%20b%26c&r=%C3%A9"),
    (
        "https://x.example/{{ a?b }}?q={{ contact.name | default: 'a&b=c' }}&n={{ contact.id }}",
        [("q", "{{ contact.name | default: 'a&b=c' }}"), ("n", "{{ contact.id }}")],
        "https://x.example/{{ a?b }}?q=a%20b%26c&n={{ contact.id }}",
    ),
    (
        "https://x.example/?{% if a?b %}x{% endif %}=1&y=2",
        [("{% if a?b %}x{% endif %}", "1"), ("y", "2")],
        "https://x.example/?{% if a?b %}x{% endif %}=a%20b%26c&y=2",
    ),
    ("https://x.example/?a=b=c#part", [("a", "b=c")], "https://x.example/?a=a%20b%26c#part"),
]  # fmt: skip


async def _form(open_page: OpenPage, site: Site) -> Page:
    page = await open_page(site.cast.ana)
    await page.goto("/app/actions/new")
    await is_ready(page)
    return page


async def test_a_query_is_taken_apart_and_put_together(site: Site, open_page: OpenPage) -> None:
    page = await _form(open_page, site)
    for url, pairs, changed in QUERIES:
        read: Any = await page.evaluate(
            """async (url) => {
                const { readQuery, writeQuery } = await import(
                    document.querySelector('script[src*="/request.js"]').src)
                const parts = readQuery(url)
                const same = writeQuery(parts)
                const pairs = parts.pairs.map(({ name, value }) => [name, value])
                if (parts.pairs.length) parts.pairs[0] = { name: parts.pairs[0].name, value: "a b&c" }
                return { pairs, same, changed: pairs.length ? writeQuery(parts) : "" }
            }""",
            url,
        )
        assert [tuple(one) for one in read["pairs"]] == pairs, url
        assert read["same"] == url.removesuffix("?"), url
        assert read["changed"] == changed, url


async def test_table_and_url_follow_each_other(site: Site, open_page: OpenPage) -> None:
    page = await _form(open_page, site)
    url = page.get_by_label("URL", exact=True)
    await url.fill("https://x.example/?q={{contact.name}}&page=2")
    await page.get_by_text("Parâmetros depois do “?”").click()
    values = page.get_by_label("Valor do parâmetro")
    await expect(values.first).to_have_value("{{contact.name}}")
    await values.nth(1).fill("a b")
    await expect(url).to_have_value("https://x.example/?q={{contact.name}}&page=a%20b")
    await page.get_by_role("button", name="Adicionar parâmetro").click()
    await page.keyboard.type("e-mail")
    await page.keyboard.press("Tab")
    await page.keyboard.type("{{contact.em")
    await page.keyboard.press("Enter")
    await expect(url).to_have_value(
        "https://x.example/?q={{contact.name}}&page=a%20b&e-mail={{contact.email}}"
    )
    query = page.locator("query-pairs")
    await query.get_by_role("button", name="Remover").first.click()
    await expect(url).to_have_value("https://x.example/?page=a%20b&e-mail={{contact.email}}")
    await url.fill("https://x.example/")
    await expect(values).to_have_count(0)


async def test_the_url_is_judged_while_it_is_typed(site: Site, open_page: OpenPage) -> None:
    page = await _form(open_page, site)
    url, finding = page.get_by_label("URL", exact=True), page.locator("#url-finding")
    await url.press_sequentially("https://crm.example.com/{{contact.nome}}")
    await expect(finding).to_contain_text("contact.name")
    await url.fill("http://192.168.0.4/")
    await expect(finding).to_contain_text("não está na internet pública")
    await url.fill("https://crm.example.com/")
    await expect(finding).to_have_text("As chamadas vão para crm.example.com.")


async def test_a_command_pasted_into_the_url_is_offered(site: Site, open_page: OpenPage) -> None:
    page = await _form(open_page, site)
    await page.get_by_label("Nome", exact=True).fill("Pedido no ERP")
    url = page.get_by_label("URL", exact=True)
    await url.focus()
    command = "curl -X PUT https://erp.example/v2 -H 'X-Api-Key: k3y' -d '{\"b\": 2}'"
    await page.evaluate(
        f"""() => {{
            const clipboardData = new DataTransfer()
            clipboardData.setData("text", {json.dumps(command)})
            document.activeElement.dispatchEvent(
                new ClipboardEvent("paste", {{ clipboardData, bubbles: true, cancelable: true }}))
        }}"""
    )
    await page.get_by_role("button", name="Preencher").last.click()
    await expect(url).to_have_value("https://erp.example/v2")
    await expect(page.get_by_role("combobox", name="Método HTTP")).to_have_value("PUT")
    await expect(page.get_by_label("Nome", exact=True)).to_have_value("Pedido no ERP")
    await expect(page.get_by_text("X-Api-Key")).to_have_count(0)  # in its field, as a secret
    await expect(page.locator("[name=headers-0-name]")).to_have_value("X-Api-Key")


async def test_an_attribute_made_meanwhile_is_offered_without_a_reload(
    site: Site, open_page: OpenPage
) -> None:
    page = await _form(open_page, site)
    async with site.database.transaction() as tx:
        draft = AttributeDraft(
            "Nº no ERP", "erp_number", AttributeKind.TEXT, AttributeModel.CONTACT
        )
        await create_attribute(tx, site.cast.account.id, draft, now=NOW)
    async with page.expect_response("**/app/actions/variables"):
        await page.evaluate("window.dispatchEvent(new Event('focus'))")
    url = page.get_by_label("URL", exact=True)
    await url.press_sequentially("https://x.example/{{erp_n")
    await expect(page.get_by_role("option").filter(has_text="Nº no ERP")).to_be_visible()
    await page.keyboard.press("Enter")
    await expect(url).to_have_value("https://x.example/{{contact.custom_attribute.erp_number}}")
