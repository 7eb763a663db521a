"""Macros: effects that a person has by hand on conversations (`actions`, as the API calls them)."""

from dataclasses import replace
from typing import Any

from litestar import delete, get, patch, post, put
from litestar.response import Response
from msgspec import Struct

from recado.accounts.doors import found
from recado.accounts.models import User
from recado.api.door import ROOT, ApiError, ApiRequest, nothing, now
from recado.api.fields import UNSET, Json, Short, UnsetType, Words, text_or
from recado.api.reading import is_given, read
from recado.api.seeing import visible_conversation
from recado.api.uploads import FileJson, file_json
from recado.automation.attaching import files_of, with_file_ids
from recado.automation.knowing import known_of
from recado.automation.macros import (
    MacroDraft,
    Visibility,
    delete_macro,
    find_macro,
    macro_problems,
    macros_for,
    may_change,
    run_macro,
    save_macro,
)
from recado.automation.models import Macro
from recado.db.database import Database, Transaction
from recado.deliveries.delivering import Outbound
from recado.lib.addresses import Refuses

_MOST_CONVERSATIONS = 100  # of one call


class MacroPerson(Struct):
    """Who wrote it."""

    id: int
    name: str
    available_name: str
    email: str


class MacroJson(Struct, kw_only=True):
    """A macro; `visibility` is personal or global."""

    id: int
    name: str
    visibility: str
    created_by: MacroPerson | None
    updated_by: MacroPerson | None
    account_id: int
    actions: list[Json]
    files: list[FileJson]


class Macros(Struct):
    """The macros that the token's person sees."""

    payload: list[MacroJson]


class OneMacro(Struct):
    """One macro."""

    payload: MacroJson


class MacroBody(Struct):
    """A macro to make or to change; an action is `{"action_name", "action_params"}`, as of rules.

    `assign_agent` also takes `["self"]`: whoever runs it.
    """

    name: Short = UNSET
    visibility: Words = UNSET
    actions: Any = UNSET


class ExecuteBody(Struct):
    """The numbers of the conversations."""

    conversation_ids: list[int] | UnsetType = UNSET


_MACRO = f"{ROOT}/macros/{{macro_id:int}}"


@get(f"{ROOT}/macros")
async def list_macros(request: ApiRequest, database: Database) -> Macros:
    """List the macros: shared ones and your own."""
    async with database.transaction() as tx:
        return Macros([await _json(tx, one) for one in await macros_for(tx, request.user)])


@get(_MACRO)
async def show_macro(request: ApiRequest, database: Database, macro_id: int) -> OneMacro:
    """Show a macro."""
    async with database.transaction() as tx:
        return OneMacro(await _json(tx, await _find(tx, request, macro_id)))


@post(f"{ROOT}/macros", status_code=200, opt={"takes": MacroBody})
async def add_macro(request: ApiRequest, database: Database, outbound: Outbound) -> OneMacro:
    """Create a macro; those of agents are always personal."""
    body = await read(request, MacroBody, wrapped="macro")
    async with database.transaction() as tx:
        draft = _changed(MacroDraft(""), body)
        return await _save(tx, request, None, draft, outbound.sender.is_surely_refused)


@patch(_MACRO, opt={"takes": MacroBody})
async def patch_macro(
    request: ApiRequest, database: Database, outbound: Outbound, macro_id: int
) -> OneMacro:
    """Change a macro."""
    return await _change(request, database, outbound, macro_id)


@put(_MACRO, opt={"takes": MacroBody})
async def put_macro(
    request: ApiRequest, database: Database, outbound: Outbound, macro_id: int
) -> OneMacro:
    """Change a macro; what is not sent stays."""
    return await _change(request, database, outbound, macro_id)


@delete(_MACRO, status_code=200)
async def remove_macro(request: ApiRequest, database: Database, macro_id: int) -> Response[bytes]:
    """Delete a macro."""
    async with database.transaction() as tx:
        await delete_macro(tx, await _find(tx, request, macro_id, for_change=True))
    return nothing()


@post(f"{_MACRO}/execute", status_code=200, opt={"takes": ExecuteBody})
async def execute_macro(request: ApiRequest, database: Database, macro_id: int) -> Response[bytes]:
    """Run a macro on conversations, as the token's person."""
    body = await read(request, ExecuteBody)
    numbers = [] if isinstance(body.conversation_ids, UnsetType) else body.conversation_ids
    if len(numbers) > _MOST_CONVERSATIONS:
        raise ApiError(422, {"error": f"At most {_MOST_CONVERSATIONS} conversations at once."})
    async with database.transaction() as tx:
        macro = await _find(tx, request, macro_id)
        for number in sorted(
            set(numbers)
        ):  # in one order, so that two calls never wait for each other
            conversation = await visible_conversation(tx, request.user, number, for_change=True)
            await run_macro(tx, macro, conversation, request.user, now=now())
    return nothing()


async def _change(
    request: ApiRequest, database: Database, outbound: Outbound, macro_id: int
) -> OneMacro:
    body = await read(request, MacroBody, wrapped="macro")
    refuses = outbound.sender.is_surely_refused if is_given(body.actions) else None
    async with database.transaction() as tx:
        macro = await _find(tx, request, macro_id, for_change=True)
        draft = _changed(MacroDraft(macro.name, macro.visibility, macro.effects), body)
        return await _save(tx, request, macro, draft, refuses)


async def _save(
    tx: Transaction,
    request: ApiRequest,
    macro: Macro | None,
    draft: MacroDraft,
    refuses: Refuses | None,
) -> OneMacro:
    account_id = request.user.account_id
    draft = replace(draft, effects=await with_file_ids(tx, account_id, draft.effects))
    known = await known_of(tx, account_id, refuses)
    if problems := macro_problems(draft, known, request.user):
        errors = {one.field: one.api_text for one in problems}
        raise ApiError(422, {"error": " ".join(errors.values()), "errors": errors})
    saved = await save_macro(tx, macro, draft, request.user, now=now())
    return OneMacro(await _json(tx, await _find(tx, request, saved.id)))


def _changed(draft: MacroDraft, body: MacroBody) -> MacroDraft:
    visibility = text_or(body.visibility, draft.visibility)
    numbers = {"0": Visibility.PERSONAL, "1": Visibility.GLOBAL}
    return MacroDraft(
        text_or(body.name, draft.name),
        numbers.get(visibility, visibility),
        draft.effects if isinstance(body.actions, UnsetType) else body.actions,
    )


async def _find(
    tx: Transaction, request: ApiRequest, macro_id: int, *, for_change: bool = False
) -> Macro:
    macro = found(await find_macro(tx, request.user, macro_id, for_change=for_change))
    if for_change and not may_change(request.user, macro):
        raise ApiError(401, {"error": "You are not authorized to do this action"})
    return macro


async def _json(tx: Transaction, macro: Macro) -> MacroJson:
    files = await files_of(tx, macro.account_id, macro.effects)
    return MacroJson(
        id=macro.id, name=macro.name, visibility=macro.visibility,
        created_by=_person(macro.created_by), updated_by=_person(macro.updated_by),
        account_id=macro.account_id, actions=macro.effects,
        files=[file_json(one, None) for one in files],
    )  # fmt: skip


def _person(user: User | None) -> MacroPerson | None:
    return MacroPerson(user.id, user.name, user.name, user.email) if user else None


handlers: list[Any] = [
    list_macros, show_macro, add_macro, patch_macro, put_macro, remove_macro, execute_macro,
]  # fmt: skip
