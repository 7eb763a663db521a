"""The client API: what a contact's own program notes on a conversation, attributes and labels."""

from typing import Any, Final

from litestar import delete, post
from litestar.response import Response
from msgspec import Struct

from recado.api.client_conversations import ONE, THERE, Place, own_conversation
from recado.api.client_self import AnyRequest, caused_by
from recado.api.door import invalid, nothing, now
from recado.api.fields import UNSET, MaybeJson, Short, json_or_empty, text_or
from recado.api.reading import read
from recado.contacts.labels import is_label
from recado.contacts.saving import merged
from recado.conversations.changing import Change, change_conversation
from recado.conversations.models import ContactInbox, Conversation
from recado.db.database import Database, Transaction

_LABELS: Final = f"{ONE}/labels"


class OwnAttributesBody(Struct):
    """Attributes to merge; a null removes one."""

    custom_attributes: MaybeJson = UNSET


class OwnLabelBody(Struct):
    """A label that the account has."""

    label: Short = UNSET


@post(
    f"{ONE}/custom_attributes", status_code=200, opt={"takes": OwnAttributesBody},
    dependencies=THERE,
)  # fmt: skip
async def note_own_attributes(
    request: AnyRequest, database: Database, place: Place
) -> Response[bytes]:
    """Note attributes on one of one's conversations; the others stay."""
    body = await read(request, OwnAttributesBody)
    async with database.transaction() as tx:
        known, one = await own_conversation(tx, place)
        told = merged(one.custom_attributes, json_or_empty(body.custom_attributes))
        await _change(tx, known, one, {"custom_attributes": told})
    return nothing()


@post(_LABELS, status_code=200, opt={"takes": OwnLabelBody}, dependencies=THERE)
async def put_own_label(request: AnyRequest, database: Database, place: Place) -> Response[bytes]:
    """Put a label on one of one's conversations. One that the account does not have is not made,
    and the answer is the same: strangers learn nothing about labels.
    """
    title = text_or((await read(request, OwnLabelBody)).label).strip().lower()
    if not title:
        raise invalid({"label": "Say which label."})
    async with database.transaction() as tx:
        known, one = await own_conversation(tx, place)
        if await is_label(tx, one.account_id, title):
            await _change(tx, known, one, {"labels": [*one.labels, title]})
    return nothing()


@delete(f"{_LABELS}/{{label:str}}", status_code=200, dependencies=THERE)
async def take_own_label(database: Database, place: Place, label: str) -> Response[bytes]:
    """Take a label off one of one's conversations."""
    title = label.strip().lower()
    async with database.transaction() as tx:
        known, one = await own_conversation(tx, place)
        await _change(tx, known, one, {"labels": [had for had in one.labels if had != title]})
    return nothing()


async def _change(tx: Transaction, known: ContactInbox, one: Conversation, change: Change) -> None:
    await change_conversation(tx, one, change, cause=caused_by(known), now=now())


handlers: list[Any] = [note_own_attributes, put_own_label, take_own_label]
