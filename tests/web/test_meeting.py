"""Two people in one form of the settings: what the other saved stays, and what both changed is asked."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

import pytest

from tests.browser import Browser
from tests.people import Cast

Fields = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Form:
    """A form about something saved, and two of its fields."""

    path: str
    made_at: str  # where one is added, with `made` in the form; "": the cast has one
    made: Fields
    both: str  # the field that both change
    other: str  # the one that only the other changes
    label: str
    values: Fields = field(default_factory=dict)  # of `other`, where it takes no free text


FORMS = [
    Form("/app/canned/1", "/app/canned", {"short_code": "horas", "content": "Às 9h"},
         "content", "short_code", "Text"),
    Form("/app/labels/1", "/app/labels", {"title": "vip", "color": "#112233"},
         "description", "title", "Description"),
    Form("/app/teams/1", "/app/teams", {"name": "vendas"}, "name", "description", "Name"),
    Form("/app/attributes/1", "/app/attributes",
         {"name": "Plano", "kind": "list", "model": "contact_attribute", "choices": "ouro"},
         "name", "choices", "Name"),
    Form("/app/webhooks/1", "/app/webhooks",
         {"url": "https://example.com/a", "subscriptions": ["message_created"]},
         "name", "url", "Name", {"url": "https://example.com/b"}),
    Form("/app/inboxes/1", "", {}, "name", "most_dealt", "Name", {"most_dealt": "7"}),
]  # fmt: skip


class _Reader(HTMLParser):
    """Reads what the form with this action would send."""

    def __init__(self, action: str) -> None:
        super().__init__()
        self.action, self.is_inside, self.text = action, False, ""
        self.fields: Fields = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "form":
            self.is_inside = given.get("action") == self.action
        name = given.get("name") or ""
        if not self.is_inside or not name:
            return
        if tag == "textarea":
            self.text, self.fields[name] = name, ""
        is_box = given.get("type") == "checkbox"
        if tag == "input" and is_box and "checked" in given:
            self.fields.setdefault(name, []).append(given.get("value") or "on")
        elif tag == "input" and not is_box:
            self.fields[name] = given.get("value") or ""

    def handle_data(self, data: str) -> None:
        if self.text:
            self.fields[self.text] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self.text:  # a line break at its beginning is not its text's
            self.fields[self.text] = self.fields[self.text].removeprefix("\n")
            self.text = ""


def shown_in(page: str, path: str) -> Fields:
    reader = _Reader(path)
    reader.feed(page)
    assert reader.fields["opened"]
    return reader.fields


@pytest.fixture(params=FORMS, ids=lambda one: one.path.split("/")[2])
async def form(request: pytest.FixtureRequest, cast: Cast, ana: Browser) -> Form:
    form: Form = request.param
    if form.made_at:
        assert (await ana.post(form.made_at, form.made)).status_code == 303
    return form


async def test_what_another_changed_meanwhile_stays(ana: Browser, form: Form) -> None:
    mine = shown_in((await ana.get(form.path)).text, form.path)
    theirs = {form.other: form.values.get(form.other, "deles")}
    assert (await ana.post(form.path, mine | theirs)).status_code == 303
    assert (await ana.post(form.path, mine | {form.both: "meu"})).status_code == 303
    now = shown_in((await ana.get(form.path)).text, form.path)
    assert (now[form.both], now[form.other]) == ("meu", theirs[form.other])


async def test_what_both_changed_is_told_and_may_be_saved_anyway(ana: Browser, form: Form) -> None:
    mine = shown_in((await ana.get(form.path)).text, form.path)
    theirs = {form.both: "deles", form.other: form.values.get(form.other, "junto")}
    assert (await ana.post(form.path, mine | theirs)).status_code == 303
    told = await ana.post(form.path, mine | {form.both: "meu"})
    assert told.status_code == 422
    assert "Somebody else saved this while you were editing." in told.text
    assert f"{form.label}: “{mine[form.both]}” → “deles”" in told.text
    assert f"{form.label}: “{mine[form.both]}” → “meu”" in told.text
    again = shown_in(told.text, form.path)
    assert (again[form.both], again[form.other]) == ("meu", theirs[form.other])
    assert shown_in((await ana.get(form.path)).text, form.path)[form.both] == "deles"
    assert (await ana.post(form.path, again)).status_code == 303
    now = shown_in((await ana.get(form.path)).text, form.path)
    assert (now[form.both], now[form.other]) == ("meu", theirs[form.other])


@pytest.mark.parametrize("form", [FORMS[2], FORMS[5]], indirect=True, ids=["teams", "inboxes"])
async def test_people_ticked_here_and_there_are_all_in(
    ana: Browser, cast: Cast, form: Form
) -> None:
    nobody = shown_in((await ana.get(form.path)).text, form.path) | {"members": []}
    await ana.post(form.path, nobody)
    mine = shown_in((await ana.get(form.path)).text, form.path)
    assert "members" not in mine
    await ana.post(form.path, mine | {"members": [str(cast.ana.user_id)]})
    assert (
        await ana.post(form.path, mine | {"members": [str(cast.beto.user_id)]})
    ).status_code == 303
    now = shown_in((await ana.get(form.path)).text, form.path)
    assert set(now["members"]) == {str(cast.ana.user_id), str(cast.beto.user_id)}


async def test_a_switch_that_another_turned_stays(ana: Browser, cast: Cast) -> None:
    path = "/app/inboxes/1"
    mine = shown_in((await ana.get(path)).text, path)
    assert "deals_out" not in mine
    await ana.post(path, mine | {"deals_out": "on"})
    await ana.post(path, mine | {"name": "Loja"})
    now = shown_in((await ana.get(path)).text, path)
    assert (now["name"], "deals_out" in now) == ("Loja", True)
