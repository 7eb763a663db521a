"""Custom attribute definitions: what an account keeps about contacts and conversations."""

from dataclasses import replace
from typing import Any, Final

from litestar import delete, get, patch, post, put
from msgspec import Struct

from recado.accounts.doors import found
from recado.api.door import ROOT, ApiRequest, administrators, invalid, iso, now
from recado.api.fields import UNSET, Short, UnsetType, Words, text_or
from recado.api.named import named
from recado.api.reading import asked, is_given, read
from recado.contacts.attributes import (
    AttributeDraft,
    attribute_problems,
    attributes_of,
    create_attribute,
    delete_attribute,
    find_attribute,
    update_attribute,
)
from recado.contacts.models import AttributeKind, AttributeModel, CustomAttribute
from recado.db.database import Database, Transaction
from recado.lib.languages import Sentence


class Definition(Struct, kw_only=True):
    """A definition; times in ISO 8601."""

    id: int
    attribute_display_name: str
    attribute_display_type: str
    attribute_description: str
    attribute_key: str
    regex_pattern: str | None
    regex_cue: str | None
    attribute_values: list[str]
    attribute_model: str
    default_value: int | None = None
    created_at: str | None
    updated_at: str | None


class DefinitionBody(Struct):
    """A definition to make or to change; key, type and model stay as they were made.

    `attribute_display_type` and `attribute_model` by name or by number: text 0, number 1,
    currency 2, percent 3, link 4, date 5, list 6, checkbox 7; conversation_attribute 0,
    contact_attribute 1.
    """

    attribute_display_name: Short = UNSET
    attribute_display_type: int | str | UnsetType | None = UNSET
    attribute_description: Words = UNSET
    attribute_key: Short = UNSET
    attribute_values: list[Any] | UnsetType | None = UNSET
    attribute_model: int | str | UnsetType | None = UNSET
    regex_pattern: Words = UNSET
    regex_cue: Words = UNSET


class DefinitionQuery(Struct):
    """Of contacts, of conversations, or all."""

    attribute_model: int | str | UnsetType | None = UNSET


_NAMES: Final = {
    "name": "attribute_display_name",
    "key": "attribute_key",
    "choices": "attribute_values",
}
_DEFINITION = f"{ROOT}/custom_attribute_definitions/{{attribute_id:int}}"


@get(f"{ROOT}/custom_attribute_definitions", opt={"asks": DefinitionQuery})
async def list_definitions(request: ApiRequest, database: Database) -> list[Definition]:
    """List the definitions."""
    query = await asked(request, DefinitionQuery)
    model = None
    if is_given(query.attribute_model) and query.attribute_model != "":
        model = named(AttributeModel, query.attribute_model, "attribute_model")
    async with database.transaction() as tx:
        found = await attributes_of(tx, request.user.account_id, model)
    return [_definition_json(one) for one in found]


@get(_DEFINITION)
async def show_definition(request: ApiRequest, database: Database, attribute_id: int) -> Definition:
    """Show a definition."""
    async with database.transaction() as tx:
        return _definition_json(await _find(tx, request, attribute_id))


@post(
    f"{ROOT}/custom_attribute_definitions", status_code=200, guards=[administrators],
    opt={"takes": DefinitionBody},
)  # fmt: skip
async def add_definition(request: ApiRequest, database: Database) -> Definition:
    """Create a definition."""
    body = await read(request, DefinitionBody, wrapped="custom_attribute_definition")
    draft = AttributeDraft(
        name=text_or(body.attribute_display_name),
        key=text_or(body.attribute_key).strip(),
        kind=named(AttributeKind, body.attribute_display_type, "attribute_display_type"),
        model=named(AttributeModel, body.attribute_model, "attribute_model"),
    )
    draft = _changed(draft, body)
    async with database.transaction() as tx:
        await _check(tx, request.user.account_id, draft)
        made = await create_attribute(tx, request.user.account_id, draft, now=now())
    return _definition_json(made)


@patch(_DEFINITION, guards=[administrators], opt={"takes": DefinitionBody})
async def patch_definition(
    request: ApiRequest, database: Database, attribute_id: int
) -> Definition:
    """Change a definition."""
    return await _change(request, database, attribute_id)


@put(_DEFINITION, guards=[administrators], opt={"takes": DefinitionBody})
async def put_definition(request: ApiRequest, database: Database, attribute_id: int) -> Definition:
    """Change a definition; what is not sent stays."""
    return await _change(request, database, attribute_id)


@delete(_DEFINITION, status_code=204, guards=[administrators])
async def remove_definition(request: ApiRequest, database: Database, attribute_id: int) -> None:
    """Delete a definition; values already stored stay."""
    async with database.transaction() as tx:
        await delete_attribute(tx, await _find(tx, request, attribute_id))


async def _change(request: ApiRequest, database: Database, attribute_id: int) -> Definition:
    body = await read(request, DefinitionBody, wrapped="custom_attribute_definition")
    async with database.transaction() as tx:
        attribute = await _find(tx, request, attribute_id)
        _refuse_other_kind(attribute, body)
        draft = _changed(_draft_of(attribute), body)
        await _check(tx, attribute.account_id, draft, but=attribute.id)
        await update_attribute(tx, attribute, draft, now=now())
    return _definition_json(attribute)


def _refuse_other_kind(attribute: CustomAttribute, body: DefinitionBody) -> None:
    """Values are stored under the key, by the type: these three cannot change."""
    wrong: dict[str, Sentence | str] = {}
    kind, model = body.attribute_display_type, body.attribute_model
    if is_given(kind) and named(AttributeKind, kind, "attribute_display_type") != attribute.kind:
        wrong["attribute_display_type"] = "This cannot be changed."
    if is_given(model) and named(AttributeModel, model, "attribute_model") != attribute.model:
        wrong["attribute_model"] = "This cannot be changed."
    if text_or(body.attribute_key, attribute.key) != attribute.key:
        wrong["attribute_key"] = "This cannot be changed."
    if wrong:
        raise invalid(wrong)


def _changed(draft: AttributeDraft, body: DefinitionBody) -> AttributeDraft:
    choices = draft.choices
    if body.attribute_values is None or isinstance(body.attribute_values, list):
        choices = [str(one) for one in body.attribute_values or []]
    return replace(
        draft,
        name=text_or(body.attribute_display_name, draft.name),
        description=text_or(body.attribute_description, draft.description),
        regex_pattern=_text(body.regex_pattern, draft.regex_pattern),
        regex_cue=_text(body.regex_cue, draft.regex_cue),
        choices=choices,
    )


def _text(given: Words, kept: str | None) -> str | None:
    return kept if isinstance(given, UnsetType) else given


def _draft_of(attribute: CustomAttribute) -> AttributeDraft:
    return AttributeDraft(
        attribute.name, attribute.key, AttributeKind(attribute.kind),
        AttributeModel(attribute.model), attribute.description, attribute.regex_pattern,
        attribute.regex_cue, list(attribute.choices),
    )  # fmt: skip


async def _check(
    tx: Transaction, account_id: int, draft: AttributeDraft, *, but: int | None = None
) -> None:
    problems = await attribute_problems(tx, account_id, draft, but=but)
    if problems:
        raise invalid({_NAMES.get(name, name): text for name, text in problems.items()})


async def _find(tx: Transaction, request: ApiRequest, attribute_id: int) -> CustomAttribute:
    return found(await find_attribute(tx, request.user.account_id, attribute_id))


def _definition_json(attribute: CustomAttribute) -> Definition:
    return Definition(
        id=attribute.id, attribute_display_name=attribute.name,
        attribute_display_type=attribute.kind, attribute_description=attribute.description,
        attribute_key=attribute.key, regex_pattern=attribute.regex_pattern,
        regex_cue=attribute.regex_cue, attribute_values=[str(one) for one in attribute.choices],
        attribute_model=attribute.model, created_at=iso(attribute.created_at),
        updated_at=iso(attribute.updated_at),
    )  # fmt: skip


handlers: list[Any] = [
    list_definitions, show_definition, add_definition, patch_definition, put_definition,
    remove_definition,
]  # fmt: skip
