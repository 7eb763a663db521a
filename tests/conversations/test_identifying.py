"""What a visitor says of themselves, held against who is known already."""

import pytest

from recado.contacts.saving import ContactDraft
from recado.conversations.identifying import drop_claims
from recado.db.database import Database
from tests.counting import counted
from tests.people import Cast, a_contact

MARIA, JOAO = "maria@example.com", "+5521998765432"


@pytest.mark.parametrize(
    ("email", "phone_number", "left"),
    [
        (MARIA, JOAO, (None, None)),  # of two people
        (MARIA, "+5521911111111", (None, "+5521911111111")),
        ("new@example.com", JOAO, ("new@example.com", None)),
        ("new@example.com", None, ("new@example.com", None)),
    ],
)
async def test_a_visitor_cannot_take_what_is_anothers(
    database: Database, cast: Cast, email: str, phone_number: str | None,
    left: tuple[str | None, str | None],
) -> None:  # fmt: skip
    draft = ContactDraft(name="Zé", email=email, phone_number=phone_number)
    async with database.transaction() as tx:
        await a_contact(tx, cast.account)
        await a_contact(tx, cast.account, name="João", email=None, phone_number=JOAO)
        await a_contact(tx, cast.other_account, email="new@example.com", phone_number=None)
    async with database.transaction() as tx:
        with counted(database) as statements:
            await drop_claims(tx, cast.account.id, draft)
        assert len(statements) == 1
    assert (draft.email, draft.phone_number) == left
    assert draft.name == "Zé"
