"""Custom filters: what the token's person searches for again and again."""

from typing import Any, Final

from litestar import delete, get, patch, post, put
from msgspec import Struct

from recado.accounts.doors import found
from recado.api.door import ROOT, ApiRequest, invalid, iso, now, unacceptable
from recado.api.fields import UNSET, Json, MaybeJson, Short, UnsetType, json_or_empty, text_or
from recado.api.named import named
from recado.api.reading import asked, is_given, read
from recado.contacts.keeping_filters import (
    MOST,
    delete_filter,
    filters_of,
    find_filter,
    fresh_filter,
    has_room,
    save_filter,
)
from recado.contacts.models import CustomFilter, FilterKind
from recado.db.database import Database, Transaction


class FilterJson(Struct, kw_only=True):
    """A filter; times in ISO 8601."""

    id: int
    name: str
    filter_type: str
    query: Json
    created_at: str | None
    updated_at: str | None


class FilterBody(Struct):
    """A filter to save: `filter_type` conversation 0, contact 1, report 2 or delivery 3, by name or
    number; `query` is `{"payload": […]}` as the filter endpoints take it, of deliveries
    `{"payload": {"state": "failed"}}` with the words of the log's address.
    """

    name: Short = UNSET
    filter_type: int | str | UnsetType | None = UNSET
    query: MaybeJson = UNSET


class FilterQuery(Struct):
    """Of conversations, of contacts, of reports, of deliveries, or all."""

    filter_type: int | str | UnsetType | None = UNSET


_FILTER: Final = f"{ROOT}/custom_filters/{{filter_id:int}}"


@get(f"{ROOT}/custom_filters", opt={"asks": FilterQuery})
async def list_filters(request: ApiRequest, database: Database) -> list[FilterJson]:
    """List the filters that the token's person saved."""
    query = await asked(request, FilterQuery)
    kind = _kind(query.filter_type) if is_given(query.filter_type) else None
    async with database.transaction() as tx:
        found = await filters_of(tx, request.user.account_id, request.user.user_id, kind)
    return [_filter_json(one) for one in found]


@get(_FILTER)
async def show_filter(request: ApiRequest, database: Database, filter_id: int) -> FilterJson:
    """Show a filter."""
    async with database.transaction() as tx:
        return _filter_json(await _find(tx, request, filter_id))


@post(f"{ROOT}/custom_filters", status_code=200, opt={"takes": FilterBody})
async def add_filter(request: ApiRequest, database: Database) -> FilterJson:
    """Save a filter."""
    body = await read(request, FilterBody, wrapped="custom_filter")
    kind = _kind(body.filter_type) if is_given(body.filter_type) else FilterKind.CONVERSATION
    member, moment = request.user, now()
    async with database.transaction() as tx:
        if not await has_room(tx, member.account_id, member.user_id):
            raise unacceptable(f"You have {MOST} filters: delete one first.")
        kept = fresh_filter(member, kind, now=moment)
        await save_filter(tx, kept, _name(body, ""), json_or_empty(body.query), now=moment)
    return _filter_json(kept)


@patch(_FILTER, opt={"takes": FilterBody})
async def patch_filter(request: ApiRequest, database: Database, filter_id: int) -> FilterJson:
    """Change a filter; its type stays."""
    return await _change(request, database, filter_id)


@put(_FILTER, opt={"takes": FilterBody})
async def put_filter(request: ApiRequest, database: Database, filter_id: int) -> FilterJson:
    """Change a filter; what is not sent stays."""
    return await _change(request, database, filter_id)


@delete(_FILTER, status_code=204)
async def remove_filter(request: ApiRequest, database: Database, filter_id: int) -> None:
    """Forget a filter."""
    async with database.transaction() as tx:
        await delete_filter(tx, await _find(tx, request, filter_id))


async def _change(request: ApiRequest, database: Database, filter_id: int) -> FilterJson:
    body = await read(request, FilterBody, wrapped="custom_filter")
    async with database.transaction() as tx:
        kept = await _find(tx, request, filter_id)
        query = body.query if isinstance(body.query, dict) else kept.query
        await save_filter(tx, kept, _name(body, kept.name), query, now=now())
    return _filter_json(kept)


def _name(body: FilterBody, otherwise: str) -> str:
    name = text_or(body.name, otherwise).strip()
    if not name:
        raise invalid({"name": "Enter a name."})
    return name


def _kind(given: object) -> FilterKind:
    return named(FilterKind, given, "filter_type")


async def _find(tx: Transaction, request: ApiRequest, filter_id: int) -> CustomFilter:
    return found(await find_filter(tx, request.user.account_id, request.user.user_id, filter_id))


def _filter_json(kept: CustomFilter) -> FilterJson:
    return FilterJson(
        id=kept.id, name=kept.name, filter_type=kept.kind, query=kept.query,
        created_at=iso(kept.created_at), updated_at=iso(kept.updated_at),
    )  # fmt: skip


handlers: list[Any] = [
    list_filters, show_filter, add_filter, patch_filter, put_filter, remove_filter,
]  # fmt: skip
