"""What a website's visitors are asked, set by program in the words that Chatwoot has for it."""

from typing import Any

import pytest

from recado.db.database import Database
from recado.inboxes.models import Inbox
from recado.inboxes.pre_chat import Belonging, Question, pre_chat_of, pre_chat_problem
from tests.api.calling import Program
from tests.people import Cast

ASKED = {
    "pre_chat_message": "Antes de começar:",
    "pre_chat_fields": [
        {"name": "fullName", "type": "text", "label": "Full name", "field_type": "standard",
         "required": True, "enabled": True},
        {"name": "emailAddress", "type": "email", "label": "Email", "field_type": "standard",
         "required": False, "enabled": False},
        {"name": "plan", "field_type": "contact_attribute", "enabled": True},
    ],
}  # fmt: skip
SITE = {"type": "web_widget", "website_url": "https://loja.example"}


@pytest.fixture
async def site(api: Program, cast: Cast) -> int:
    """The id of a website's inbox."""
    answer = await api.call("POST", "inboxes", {"name": "Loja", "channel": SITE})
    assert answer.status_code == 200
    return int(answer.json()["id"])


async def test_what_is_set_is_shown_and_asked(api: Program, database: Database, site: int) -> None:
    body = {"channel": {"pre_chat_form_enabled": True, "pre_chat_form_options": ASKED}}
    shown = (await api.call("PATCH", f"inboxes/{site}", body)).json()
    assert shown["pre_chat_form_enabled"] is True
    assert shown["pre_chat_form_options"] == ASKED
    async with database.transaction() as tx:
        asked = pre_chat_of(await tx.get_one(Inbox, site))
    assert asked.message == "Antes de começar:"
    assert asked.questions == (
        Question("fullName", is_required=True), Question("plan", Belonging.CONTACT),
    )  # fmt: skip


async def test_it_is_set_when_the_inbox_is_opened(api: Program) -> None:
    channel = {**SITE, "pre_chat_form_enabled": True, "pre_chat_form_options": ASKED}
    shown = (await api.call("POST", "inboxes", {"name": "Loja", "channel": channel})).json()
    assert shown["pre_chat_form_options"]["pre_chat_fields"][0]["name"] == "fullName"


async def test_what_is_not_sent_stays(api: Program, site: int) -> None:
    body = {"channel": {"pre_chat_form_enabled": True, "pre_chat_form_options": ASKED}}
    await api.call("PATCH", f"inboxes/{site}", body)
    off = {"channel": {"pre_chat_form_enabled": False}}
    shown = (await api.call("PATCH", f"inboxes/{site}", off)).json()
    assert (shown["pre_chat_form_enabled"], shown["pre_chat_form_options"]) == (False, ASKED)


async def test_other_inboxes_ask_nothing(api: Program) -> None:
    shown = await api.get("inboxes/1")
    assert "pre_chat_form_enabled" not in shown
    body = {"channel": {"pre_chat_form_enabled": True, "pre_chat_form_options": ASKED}}
    assert (await api.call("PATCH", "inboxes/1", body)).status_code == 200
    assert "pre_chat_form_enabled" not in await api.get("inboxes/1")


NONSENSE: dict[str, Any] = {
    "fields that are no list": {"pre_chat_fields": {"name": "fullName"}},
    "a field that is no object": {"pre_chat_fields": ["fullName"]},
    "a standard field nobody knows": {"pre_chat_fields": [{"name": "shoeSize"}]},
    "a kind nobody knows": {"pre_chat_fields": [{"name": "x", "field_type": "planet"}]},
    "a field without a name": {"pre_chat_fields": [{"field_type": "contact_attribute"}]},
    "a second field is wrong": {"pre_chat_fields": [{"name": "fullName"}, {"name": 7}]},
    "a message that is no text": {"pre_chat_message": 7},
    "a long message": {"pre_chat_message": "x" * 251},
    "too many fields": {"pre_chat_fields": [{"name": "fullName"}] * 51},
}


@pytest.mark.parametrize("options", NONSENSE.values(), ids=NONSENSE)
async def test_nonsense_is_refused(api: Program, site: int, options: Any) -> None:
    body = {"channel": {"pre_chat_form_options": options}}
    answer = await api.call("PATCH", f"inboxes/{site}", body)
    assert answer.status_code == 422
    assert "pre_chat_form_options" in answer.json()["attributes"]


@pytest.mark.parametrize(
    "options",
    [{}, ASKED, {"pre_chat_message": None}, {"pre_chat_fields": [{"name": "x", "enabled": False, "field_type": "conversation_attribute"}]}],
    ids=["nothing", "all of it", "no message", "a field that is off"],
)  # fmt: skip
def test_what_makes_sense(options: Any) -> None:
    assert pre_chat_problem(options) is None


def test_a_problem_names_the_field() -> None:
    fields = [{"name": "fullName"}, {"name": "shoeSize"}]
    assert "Field 2" in str(pre_chat_problem({"pre_chat_fields": fields}))
    assert "an object" in str(pre_chat_problem([]))
