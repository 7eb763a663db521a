"""Two people in one form of the settings: what the other saved stays, and what both changed is asked."""

from dataclasses import dataclass, field
from html import unescape
from html.parser import HTMLParser
from typing import Any

import pytest

from recado.db.database import Database
from recado.inboxes.opening import find_inbox
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
    kept: Fields = field(default_factory=dict)  # what is saved in it before anybody opens it

    @property
    def made_form(self) -> str:
        """What is made, and the part of it that this form is about."""
        return " ".join(self.path.split("/")[2::2])


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
    Form("/app/inboxes/1/hours", "", {}, "out_of_office", "days-1-from", "Out-of-office message",
         {"days-1-from": "07:30"}),
    Form("/app/inboxes/3/widget", "/app/inboxes",
         {"name": "Loja", "channel": "web_widget", "website_url": "https://loja.example"},
         "welcome_title", "ask-standard-fullName", "Title", {"ask-standard-fullName": "required"}),
    Form("/app/inboxes/3/mailbox", "/app/inboxes", {"name": "Loja", "channel": "email"},
         "sender_name", "imap_user", "Sender's name", {}, {"address": "a@loja.example"}),
]  # fmt: skip


class _Reader(HTMLParser):
    """Reads what the form with this action would send."""

    def __init__(self, action: str) -> None:
        super().__init__()
        self.action, self.is_inside, self.text, self.select = action, False, "", ""
        self.fields: Fields = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "form":
            self.is_inside = given.get("action") == self.action
        name = given.get("name") or ""
        if tag == "option" and self.select and "selected" in given:
            self.fields[self.select] = given.get("value") or ""
        if not self.is_inside or not name:
            return
        if tag == "select":
            self.select = name
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
        if tag == "select":
            self.select = ""
        if tag == "textarea" and self.text:  # a line break at its beginning is not its text's
            self.fields[self.text] = self.fields[self.text].removeprefix("\n")
            self.text = ""


def shown_in(page: str, path: str) -> Fields:
    reader = _Reader(path)
    reader.feed(page)
    assert reader.fields["opened"]
    return reader.fields


@pytest.fixture(params=FORMS, ids=lambda one: one.made_form)
async def form(request: pytest.FixtureRequest, cast: Cast, ana: Browser) -> Form:
    form: Form = request.param
    if form.made_at:
        assert (await ana.post(form.made_at, form.made)).status_code == 303
    if form.kept:
        assert (await ana.post(form.path, form.kept)).status_code == 303
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
    assert f"{form.label}: “{mine[form.both]}” → “deles”" in unescape(told.text)
    assert f"{form.label}: “{mine[form.both]}” → “meu”" in unescape(told.text)
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


HOURS, WIDGET, MAILBOX = (one.path for one in FORMS[6:])


async def test_a_day_of_hours_and_a_holiday_are_one_thing_each(
    ana: Browser, database: Database, cast: Cast
) -> None:
    mine = shown_in((await ana.get(HOURS)).text, HOURS)
    natal = {"holidays-0-day": "2026-12-25", "holidays-0-name": "Natal"}
    whole = {"days-1-kind": "all", "days-2-kind": "closed"}
    assert (await ana.post(HOURS, mine | natal | whole)).status_code == 303
    carnival = {"holidays-0-day": "2027-02-09", "holidays-0-name": "Carnaval"}
    told = await ana.post(HOURS, mine | carnival | {"days-1-from": "10:00", "days-3-to": "20:00"})
    assert told.status_code == 422
    assert "Monday: “09:00–17:00” → “Open all day”" in told.text
    assert "Monday: “09:00–17:00” → “10:00–17:00”" in told.text
    assert "Tuesday: “" not in told.text
    again = shown_in(told.text, HOURS)
    assert (again["days-2-kind"], again["days-3-to"]) == ("closed", "20:00")
    assert (await ana.post(HOURS, again)).status_code == 303
    async with database.transaction() as tx:
        inbox = await find_inbox(tx, cast.account.id, cast.inbox.id)
        assert inbox is not None
        assert [one["name"] for one in inbox.holidays] == ["Carnaval", "Natal"]
        assert (inbox.week[1], inbox.week[2]) == (["10:00", "17:00"], None)


@pytest.mark.parametrize("form", [FORMS[7]], indirect=True, ids=["widget"])
async def test_choices_are_told_in_words(ana: Browser, form: Form) -> None:
    mine = shown_in((await ana.get(WIDGET)).text, WIDGET)
    name, side = "ask-standard-emailAddress", "widget_position"
    assert (await ana.post(WIDGET, mine | {name: "asked", side: "left"})).status_code == 303
    told = await ana.post(WIDGET, mine | {name: "required", "widget_color": "#112233"})
    assert "E-mail: “Not asked” → “Asked”" in told.text
    assert "E-mail: “Not asked” → “Required”" in told.text
    again = shown_in(told.text, WIDGET)
    assert (again[name], again[side]) == ("required", "left")


@pytest.mark.parametrize("form", [FORMS[8]], indirect=True, ids=["mailbox"])
async def test_a_password_goes_to_no_server_that_another_named_meanwhile(
    ana: Browser, form: Form
) -> None:
    mine = shown_in((await ana.get(MAILBOX)).text, MAILBOX)
    assert (await ana.post(MAILBOX, mine | {"imap_host": "imap.deles.example"})).status_code == 303
    told = await ana.post(MAILBOX, mine | {"imap_password": "meu segredo", "sender_name": "Loja"})
    assert told.status_code == 422
    assert "Somebody else has changed this server or its user meanwhile." in told.text
    assert "meu segredo" not in told.text
    again = shown_in(told.text, MAILBOX)
    assert (again["imap_host"], again["sender_name"]) == ("imap.deles.example", "Loja")
    assert (await ana.post(MAILBOX, again | {"imap_password": "dele"})).status_code == 303
    assert "Stored. Enter it only to change it." in (await ana.get(MAILBOX)).text


@pytest.mark.parametrize("form", [FORMS[8]], indirect=True, ids=["mailbox"])
async def test_trying_a_mailbox_forgets_nothing_of_what_the_form_showed(
    ana: Browser, form: Form
) -> None:
    mine = shown_in((await ana.get(MAILBOX)).text, MAILBOX)
    assert (await ana.post(MAILBOX, mine | {"sender_name": "deles"})).status_code == 303
    tried = await ana.post(f"{MAILBOX}/try", mine | {"sender_name": "meu"})
    again = shown_in(tried.text, MAILBOX)
    told = await ana.post(MAILBOX, again)
    assert "Sender's name: “” → “deles”" in unescape(told.text)
