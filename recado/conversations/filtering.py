"""Which fields of conversations can be filtered by, and a page of those that a filter finds."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from recado.accounts.models import Membership
from recado.contacts.attributes import attributes_of
from recado.contacts.filtering import Condition, Field, FieldKind, compiled, custom_field
from recado.contacts.models import AttributeModel
from recado.conversations.finding import Filter, conversation_counts, conversations_page
from recado.conversations.models import Conversation
from recado.db.database import Transaction

_FIELDS = {
    "status": Field(FieldKind.TEXT, Conversation.status),
    "priority": Field(FieldKind.TEXT, Conversation.priority),
    "assignee_id": Field(FieldKind.NUMBER, Conversation.assignee_id),
    "inbox_id": Field(FieldKind.NUMBER, Conversation.inbox_id),
    "team_id": Field(FieldKind.NUMBER, Conversation.team_id),
    "contact_id": Field(FieldKind.NUMBER, Conversation.contact_id),
    "display_id": Field(FieldKind.NUMBER, Conversation.display_id),
    "id": Field(FieldKind.NUMBER, Conversation.display_id),
    "labels": Field(FieldKind.WORDS, Conversation.labels),
    "created_at": Field(FieldKind.MOMENT, Conversation.created_at),
    "last_activity_at": Field(FieldKind.MOMENT, Conversation.last_activity_at),
}
_ADDITIONAL = ("browser_language", "country_code", "referer", "conversation_language")


async def filtered_conversations(
    tx: Transaction, member: Membership, rows: Any, *, page: int, now: datetime
) -> tuple[list[Conversation], dict[str, int]] | str:
    """A page of what this person sees and a filter finds, and the counts; or what is wrong with it."""
    condition = await conversation_condition(tx, member, rows, now=now)
    if isinstance(condition, str):
        return condition
    wanted = Filter(status=None, condition=condition)
    found = await conversations_page(tx, member, wanted, page=page)
    return found, await conversation_counts(tx, member, wanted)


async def conversation_condition(
    tx: Transaction, member: Membership, rows: Any, *, now: datetime
) -> Condition | str:
    """What a filter of a member's conversations stands for, or what is wrong; days are the account's."""
    attributes = await attributes_of(tx, member.account_id, AttributeModel.CONVERSATION)
    kinds = {one.key: one.kind for one in attributes}
    return compiled(
        _without_all(rows), lambda row: _field(row, kinds), now=member.account.there(now)
    )


def _without_all(rows: Any) -> Any:
    """Asking for the status `all` asks for nothing."""
    if not isinstance(rows, list):
        return rows
    asks_nothing = {"attribute_key": "status", "values": ["all"]}
    return [
        one
        for one in rows
        if not isinstance(one, dict)
        or {name: one.get(name) for name in asks_nothing} != asks_nothing
    ]


def _field(row: Mapping[str, Any], kinds: Mapping[str, str]) -> Field | None:
    key = row.get("attribute_key")
    if not isinstance(key, str):
        return None
    if key in kinds:
        return custom_field(Conversation.custom_attributes, key, kinds[key])
    if key in _ADDITIONAL:
        return Field(FieldKind.TEXT, Conversation.additional_attributes[key].astext)
    return _FIELDS.get(key)
