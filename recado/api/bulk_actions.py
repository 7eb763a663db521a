"""Changing many conversations or contacts in one request, as the apps' lists do."""

from typing import Any, Final

from litestar import post
from litestar.response import Response
from msgspec import Struct

from recado.accounts.teams import find_team
from recado.api.causing import cause_in
from recado.api.conversation_changes import LabelTitles, checked_titles, moment_in
from recado.api.conversation_query import status_of
from recado.api.conversations import checked_assignee
from recado.api.door import ROOT, ApiError, ApiRequest, invalid, nothing, now
from recado.api.fields import UNSET, Id, MaybeId, UnsetType, Words, text_or
from recado.api.reading import read
from recado.contacts.saving import delete_contact, find_contact, label_contact
from recado.conversations.changing import Change
from recado.conversations.changing_many import MOST, ChangeOfEach, change_each
from recado.conversations.models import Status
from recado.db.database import Database, Transaction


class BulkFields(Struct):
    """What is to be different; null stays as it is, 0 is nobody."""

    status: Words = UNSET
    assignee_id: MaybeId = UNSET
    team_id: MaybeId = UNSET


class BulkLabels(Struct):
    """Labels to add and to remove."""

    add: list[str] | UnsetType | None = UNSET
    remove: list[str] | UnsetType | None = UNSET


class BulkBody(Struct):
    """`type` is Conversation or Contact, `ids` are at most 100. Conversations take `fields`, `labels`
    and `snoozed_until`; contacts take `labels`, or `action_name` `delete` from administrators.
    """

    type: Words = UNSET
    ids: list[Id] | UnsetType | None = UNSET
    fields: BulkFields | UnsetType | None = UNSET
    labels: BulkLabels | UnsetType | None = UNSET
    snoozed_until: Words = UNSET
    action_name: Words = UNSET


_CONVERSATION: Final = ("conversation", "conversations")
_CONTACT: Final = ("contact", "contacts")


@post(f"{ROOT}/bulk_actions", status_code=200, opt={"takes": BulkBody})
async def change_in_bulk(request: ApiRequest, database: Database) -> Response[bytes]:
    """Change many at once: all of them or, where something is wrong, none. Ids of nothing are left out."""
    body = await read(request, BulkBody)
    kind, ids = text_or(body.type).lower(), _ids(body)
    if kind not in (*_CONVERSATION, *_CONTACT):
        raise invalid({"type": "Choose Conversation or Contact."})
    added, removed = _labels(body)
    async with database.transaction() as tx:
        if kind in _CONVERSATION:
            change = await _change(tx, request.user.account_id, body)
            await change_each(
                tx, request.user, ids, ChangeOfEach(change, added, removed),
                cause_of=lambda one: cause_in(tx, request, one), now=now(),
            )  # fmt: skip
        else:
            await _change_contacts(tx, request, ids, body)
    return nothing()


def _ids(body: BulkBody) -> list[int]:
    ids = body.ids if isinstance(body.ids, list) else []
    if not ids or len(set(ids)) > MOST:
        raise invalid({"ids": f"Name at least one and at most {MOST}."})
    return sorted(set(ids))


def _labels(body: BulkBody) -> tuple[frozenset[str], frozenset[str]]:
    if not isinstance(body.labels, BulkLabels):
        return frozenset(), frozenset()
    added, removed = (
        frozenset(one.strip().lower() for one in checked_titles(LabelTitles(given)) if one.strip())
        for given in (body.labels.add, body.labels.remove)
    )
    return added, removed


async def _change(tx: Transaction, account_id: int, body: BulkBody) -> Change:
    change, fields = Change(), body.fields
    if not isinstance(fields, BulkFields):
        return change
    if text_or(fields.status):
        change["status"] = status_of(text_or(fields.status))
        if change["status"] == Status.SNOOZED and text_or(body.snoozed_until):
            change["snoozed_until"] = moment_in(text_or(body.snoozed_until))
    if isinstance(fields.assignee_id, int):
        if fields.assignee_id:
            await checked_assignee(tx, account_id, fields.assignee_id)
        change["assignee_id"] = fields.assignee_id or None
    if isinstance(fields.team_id, int):
        if fields.team_id and await find_team(tx, account_id, fields.team_id) is None:
            raise invalid({"team_id": "There is no such team."})
        change["team_id"] = fields.team_id or None
    return change


async def _change_contacts(
    tx: Transaction, request: ApiRequest, ids: list[int], body: BulkBody
) -> None:
    is_deletion = text_or(body.action_name) == "delete"
    if is_deletion and not request.user.is_administrator:
        raise ApiError(401, {"error": "You are not authorized to do this action"})
    added, removed = _labels(body)
    for one in ids:
        contact = await find_contact(tx, request.user.account_id, one)
        if contact is None:
            continue
        if is_deletion:
            await delete_contact(tx, contact)
        else:
            titles = sorted({*contact.labels, *added} - removed)
            await label_contact(tx, contact, titles, now=now())


handlers: list[Any] = [change_in_bulk]
