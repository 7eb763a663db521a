"""Canned responses: texts that people use again."""

from typing import Any

from litestar import delete, get, patch, post, put
from litestar.response import Response
from msgspec import Struct

from recado.accounts.doors import found
from recado.api.door import ROOT, ApiRequest, administrators, invalid, iso, nothing, now
from recado.api.fields import UNSET, Words, text_or
from recado.api.reading import asked, read
from recado.conversations.canning import (
    canned_problems,
    canned_responses,
    create_canned_response,
    delete_canned_response,
    find_canned_response,
    update_canned_response,
)
from recado.conversations.models import CannedResponse
from recado.db.database import Database, Transaction


class CannedJson(Struct, kw_only=True):
    """A text; times in ISO 8601."""

    id: int
    account_id: int
    short_code: str
    content: str
    created_at: str | None
    updated_at: str | None


class CannedBody(Struct):
    """A text to keep or to change; each `short_code` once in the account."""

    short_code: Words = UNSET
    content: Words = UNSET


class CannedQuery(Struct):
    """Those whose short code or text contains `search`, ignoring case."""

    search: Words = UNSET


_CANNED = f"{ROOT}/canned_responses/{{canned_id:int}}"


@get(f"{ROOT}/canned_responses", opt={"asks": CannedQuery})
async def list_canned_responses(request: ApiRequest, database: Database) -> list[CannedJson]:
    """List the canned responses."""
    query = await asked(request, CannedQuery)
    async with database.transaction() as tx:
        found = await canned_responses(tx, request.user.account_id, search=text_or(query.search))
    return [_canned_json(one) for one in found]


@post(f"{ROOT}/canned_responses", status_code=200, opt={"takes": CannedBody})
async def add_canned_response(request: ApiRequest, database: Database) -> CannedJson:
    """Keep a text."""
    body = await read(request, CannedBody, wrapped="canned_response")
    short_code, content = text_or(body.short_code), text_or(body.content)
    async with database.transaction() as tx:
        account_id = request.user.account_id
        if problems := await canned_problems(tx, account_id, short_code, content):
            raise invalid(problems)
        made = await create_canned_response(tx, account_id, short_code, content, now=now())
    return _canned_json(made)


@patch(_CANNED, opt={"takes": CannedBody})
async def patch_canned_response(
    request: ApiRequest, database: Database, canned_id: int
) -> CannedJson:
    """Change a text."""
    return await _change(request, database, canned_id)


@put(_CANNED, opt={"takes": CannedBody})
async def put_canned_response(
    request: ApiRequest, database: Database, canned_id: int
) -> CannedJson:
    """Change a text; what is not sent stays."""
    return await _change(request, database, canned_id)


@delete(_CANNED, status_code=200, guards=[administrators])
async def remove_canned_response(
    request: ApiRequest, database: Database, canned_id: int
) -> Response[bytes]:
    """Delete a text; messages that were made of it stay."""
    async with database.transaction() as tx:
        await delete_canned_response(tx, await _find(tx, request, canned_id))
    return nothing()


async def _change(request: ApiRequest, database: Database, canned_id: int) -> CannedJson:
    body = await read(request, CannedBody, wrapped="canned_response")
    async with database.transaction() as tx:
        canned = await _find(tx, request, canned_id)
        short_code = text_or(body.short_code, canned.short_code)
        content = text_or(body.content, canned.content)
        problems = await canned_problems(tx, canned.account_id, short_code, content, but=canned.id)
        if problems:
            raise invalid(problems)
        await update_canned_response(tx, canned, short_code, content, now=now())
    return _canned_json(canned)


async def _find(tx: Transaction, request: ApiRequest, canned_id: int) -> CannedResponse:
    return found(await find_canned_response(tx, request.user.account_id, canned_id))


def _canned_json(canned: CannedResponse) -> CannedJson:
    return CannedJson(
        id=canned.id, account_id=canned.account_id, short_code=canned.short_code,
        content=canned.content, created_at=iso(canned.created_at),
        updated_at=iso(canned.updated_at),
    )  # fmt: skip


handlers: list[Any] = [
    list_canned_responses, add_canned_response, patch_canned_response, put_canned_response,
    remove_canned_response,
]  # fmt: skip
