"""The list of custom actions as its address asks for it. Pure."""

from datetime import timedelta

import pytest

from recado.actions.listing import listing_of
from recado.actions.models import ActionState, CustomAction
from tests.people import NOW


def _action(name: str, url: str, state: ActionState, days: int) -> CustomAction:
    return CustomAction(
        account_id=1, name=name, method="POST", url=url, body_kind="none", state=state,
        created_at=NOW, updated_at=NOW + timedelta(days=days),
    )  # fmt: skip


ACTIONS = [
    _action("CRM", "https://z.example/contacts", ActionState.ACTIVE, 1),
    _action("pedido", "https://b.example/orders", ActionState.OFF, 3),
    _action("Planilha", "https://a.example/rows", ActionState.DRAFT, 2),
]


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ({}, ["CRM", "pedido", "Planilha"]),
        ({"sort": "changed"}, ["pedido", "Planilha", "CRM"]),
        ({"sort": "host"}, ["Planilha", "pedido", "CRM"]),
        ({"sort": "nonsense"}, ["CRM", "pedido", "Planilha"]),
        ({"state": "off"}, ["pedido"]),
        ({"state": "nonsense"}, ["CRM", "pedido", "Planilha"]),
        ({"q": "crm"}, ["CRM"]),
        ({"q": "EXAMPLE rows"}, ["Planilha"]),  # words of the address, in any case
        ({"q": "p", "state": "draft"}, ["Planilha"]),
        ({"q": "nobody"}, []),
    ],
)
def test_the_address_chooses(asked: dict[str, str], names: list[str]) -> None:
    assert [one.name for one in listing_of(ACTIONS, asked).actions] == names


def test_the_address_is_kept_when_the_list_asks_again() -> None:
    asked = {"q": "a b", "state": "off", "sort": "host"}
    assert listing_of(ACTIONS, asked).page.query == "?q=a+b&state=off&sort=host"
    assert listing_of(ACTIONS, {}).page.query == ""


def test_a_short_list_needs_no_search_unless_somebody_searches() -> None:
    assert not listing_of(ACTIONS, {}).is_searchable
    assert listing_of(ACTIONS, {"q": "x"}).is_searchable
    assert listing_of(ACTIONS * 2, {}).is_searchable
