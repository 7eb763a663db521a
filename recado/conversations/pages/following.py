"""Following a conversation: hearing of each message that others write in it."""

from typing import Any

from litestar import post
from litestar.exceptions import PermissionDeniedException
from litestar.response import Redirect, Template

from recado.accounts.doors import MemberRequest, answer, found, members_only
from recado.conversations.pages.drawing import drawn_state
from recado.conversations.participating import may_follow, participant_ids, set_participants
from recado.conversations.viewing import find_visible
from recado.db.database import Database


@post("/app/conversations/{number:int}/follow", guards=[members_only], status_code=200)
async def follow(request: MemberRequest, database: Database, number: int) -> Template | Redirect:
    """Follow (`follow=1`) or no longer."""
    wants, me = (await request.form()).get("follow") == "1", request.user.user_id
    async with database.transaction() as tx:
        conversation = found(await find_visible(tx, request.user, number, for_change=True))
        if wants and me not in await may_follow(tx, conversation):
            raise PermissionDeniedException("Only who answers in its inbox follows a conversation.")
        known = await participant_ids(tx, conversation)
        await set_participants(tx, conversation, known | {me} if wants else known - {me})
        shown = await drawn_state(tx, request, conversation, "conversations/_state.html")
    return answer(request, shown, otherwise=f"/app/conversations/{number}")


handlers: list[Any] = [follow]
