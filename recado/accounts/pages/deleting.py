"""Deleting what has a name: a page says what goes, and the name is typed to mean it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from litestar import get, post
from litestar.response import Response, Template

from recado.accounts.doors import MemberRequest, administrators_only, found, go_to, page
from recado.db.database import Database, Transaction


class Named(Protocol):
    """What people know by a name."""

    name: Any  # a column


_T = TypeVar("_T", bound=Named)


@dataclass(frozen=True, slots=True)
class Deletable(Generic[_T]):
    """How something of an account is found and deleted, and what shows the question."""

    noun: str  # its name in the template, and in the address as in `team_id`
    template: str
    find: Callable[[Transaction, int, int], Awaitable[_T | None]]
    delete: Callable[[Transaction, _T], Awaitable[None]]
    back: Callable[[_T], str]  # the list it stood in


def deleting(place: str, kind: Deletable[_T]) -> list[Any]:
    """Two handlers below `place`: the question, and the deed, which another name than its own stops."""
    number = f"{kind.noun}_id"
    path = f"{place}/{{{number}:int}}/delete"

    @get(path, guards=[administrators_only])
    async def ask_to_delete(request: MemberRequest, database: Database) -> Template:
        async with database.transaction() as tx:
            return _question(request, await _find(tx, request))

    @post(path, guards=[administrators_only])
    async def delete(request: MemberRequest, database: Database) -> Template | Response[Any]:
        typed = str((await request.form()).get("name", ""))
        async with database.transaction() as tx:
            one = await _find(tx, request)
            if typed != one.name:
                return _question(request, one, status_code=422)
            back = kind.back(one)
            await kind.delete(tx, one)
        return go_to(request, back, "deleted")

    async def _find(tx: Transaction, request: MemberRequest) -> _T:
        return found(await kind.find(tx, request.user.account_id, request.path_params[number]))

    def _question(request: MemberRequest, one: _T, *, status_code: int = 200) -> Template:
        return page(request, kind.template, status_code=status_code, **{kind.noun: one})

    return [ask_to_delete, delete]
