"""What a page says of what was done on the one before it, and the button that takes it back."""

from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlencode

from litestar import post
from litestar.response import Response

from recado.accounts.doors import MemberRequest, flash_of, found, go_to, members_only
from recado.accounts.undoing import Undo
from recado.conversations.reading import choice_from
from recado.conversations.taking_back import take_back, undo_offered
from recado.conversations.undoing import done_from, told_back
from recado.conversations.viewing import Choice
from recado.db.database import Database, Transaction
from recado.lib.languages import say
from recado.lib.numbers import number_in

_HERE = "/app/conversations"


@post("/app/conversations/undo", guards=[members_only])
async def undo(request: MemberRequest, database: Database) -> Response[Any]:
    """Back to how it was: one conversation is opened, of many the list."""
    done = found(done_from(await request.form()))
    async with database.transaction() as tx:
        back, kept = await take_back(tx, request.user, done, now=datetime.now(UTC))
    path = f"{_HERE}/{done.numbers[0]}" if len(done.numbers) == 1 and back else _HERE
    return go_to(
        request, with_choice(path, choice_from(request.query_params), back=back, kept=kept)
    )


_GONE: Final = say(
    "The conversation that was open is gone: its contact was erased, or it is no longer yours to see."
)


async def flash_after(tx: Transaction, request: MemberRequest) -> dict[str, Any] | None:
    """The toast of what was done, or taken back, on the page before this one."""
    query = request.query_params
    if {"back", "kept"} <= query.keys():
        back, kept = (number_in(query[name]) or 0 for name in ("back", "kept"))
        return flash_of(told_back(back, kept), "success" if back else "warning")
    if query.get("done") == "gone":
        return flash_of(_GONE, "warning")
    done = done_from(query)
    if done is None:
        return None
    path = with_choice(f"{_HERE}/undo", choice_from(query))
    told = await undo_offered(tx, request.user, done, path=path, now=datetime.now(UTC))
    if isinstance(told, Undo):
        return flash_of(told.text, undo=told)
    return flash_of(told, "warning")


def with_choice(path: str, choice: Choice, **more: object) -> str:
    """The address of a page beside the list that was chosen."""
    query = "&".join(filter(None, (choice.address(), urlencode(more))))
    return f"{path}?{query}" if query else path


handlers: list[Any] = [undo]
