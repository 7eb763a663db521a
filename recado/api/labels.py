"""Labels: the words an account puts on its conversations."""

from typing import Any

from litestar import delete, get, patch, post, put
from litestar.response import Response
from msgspec import Struct

from recado.accounts.doors import found
from recado.api.door import ROOT, ApiRequest, administrators, invalid, nothing
from recado.api.fields import UNSET, Flag, Short, Words, text_or
from recado.api.reading import read
from recado.contacts.labels import (
    LabelDraft,
    delete_label,
    find_label,
    keep_label,
    label_problems,
    labels_of,
)
from recado.contacts.models import Label
from recado.conversations.labelling import change_label
from recado.db.database import Database, Transaction


class LabelJson(Struct, kw_only=True):
    """A label; titles are kept in lower case."""

    id: int
    title: str
    description: str | None
    color: str
    show_on_sidebar: bool


class Labels(Struct):
    """All labels."""

    payload: list[LabelJson]


class LabelBody(Struct):
    """A label to make or to change; `color` as `#1f93ff`."""

    title: Short = UNSET
    description: Words = UNSET
    color: Words = UNSET
    show_on_sidebar: Flag = UNSET


_LABEL = f"{ROOT}/labels/{{label_id:int}}"


@get(f"{ROOT}/labels")
async def list_labels(request: ApiRequest, database: Database) -> Labels:
    """List the labels."""
    async with database.transaction() as tx:
        return Labels([label_json(one) for one in await labels_of(tx, request.user.account_id)])


@get(_LABEL)
async def show_label(request: ApiRequest, database: Database, label_id: int) -> LabelJson:
    """Show a label."""
    async with database.transaction() as tx:
        return label_json(await _find(tx, request, label_id))


@post(f"{ROOT}/labels", status_code=200, guards=[administrators], opt={"takes": LabelBody})
async def add_label(request: ApiRequest, database: Database) -> LabelJson:
    """Create a label."""
    body = await read(request, LabelBody, wrapped="label")
    title, color = text_or(body.title), text_or(body.color) or "#1f93ff"
    async with database.transaction() as tx:
        if problems := await label_problems(tx, request.user.account_id, title, color):
            raise invalid(problems)
        on_sidebar = body.show_on_sidebar is not False
        draft = LabelDraft(title, color, text_or(body.description), on_sidebar)
        label = await keep_label(tx, request.user.account_id, draft)
    return label_json(label)


@patch(_LABEL, guards=[administrators], opt={"takes": LabelBody})
async def patch_label(request: ApiRequest, database: Database, label_id: int) -> LabelJson:
    """Change a label; another title is put where conversations and contacts carry the old one."""
    return await _change(request, database, label_id)


@put(_LABEL, guards=[administrators], opt={"takes": LabelBody})
async def put_label(request: ApiRequest, database: Database, label_id: int) -> LabelJson:
    """Change a label; what is not sent stays."""
    return await _change(request, database, label_id)


@delete(_LABEL, status_code=200, guards=[administrators])
async def remove_label(request: ApiRequest, database: Database, label_id: int) -> Response[bytes]:
    """Delete a label; conversations that carry the word keep it."""
    async with database.transaction() as tx:
        await delete_label(tx, await _find(tx, request, label_id))
    return nothing()


def label_json(label: Label) -> LabelJson:
    """A label as the API shows it."""
    return LabelJson(
        id=label.id, title=label.title, description=label.description, color=label.color,
        show_on_sidebar=label.show_on_sidebar,
    )  # fmt: skip


async def _change(request: ApiRequest, database: Database, label_id: int) -> LabelJson:
    body = await read(request, LabelBody, wrapped="label")
    async with database.transaction() as tx:
        label = await _find(tx, request, label_id)
        title, color = text_or(body.title, label.title), text_or(body.color) or label.color
        problems = await label_problems(tx, label.account_id, title, color, but=label.id)
        if problems:
            raise invalid(problems)
        description = text_or(body.description, label.description or "")
        on_sidebar = body.show_on_sidebar
        if not isinstance(on_sidebar, bool):
            on_sidebar = label.show_on_sidebar
        await change_label(tx, label, LabelDraft(title, color, description, on_sidebar))
    return label_json(label)


async def _find(tx: Transaction, request: ApiRequest, label_id: int) -> Label:
    return found(await find_label(tx, request.user.account_id, label_id))


handlers: list[Any] = [list_labels, show_label, add_label, patch_label, put_label, remove_label]
