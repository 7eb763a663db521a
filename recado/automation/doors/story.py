"""The page that tells a conversation's story: what happened, what each rule decided, and why."""

from typing import Any

from litestar import get
from litestar.response import Response, Template

from recado.accounts.doors import MemberRequest, administrators_only, found, page
from recado.automation.captions import EVENT_LABELS
from recado.automation.finding import VerdictFilter, verdicts_page
from recado.automation.knowing import known_of
from recado.automation.known import Known
from recado.automation.recounting import told
from recado.automation.saving import rule_ids_of
from recado.automation.timeline import story_of
from recado.conversations.finding import find_conversation
from recado.db.database import Database
from recado.deliveries.showing import STATE_PILLS
from recado.lib.numbers import number_in

_OF_CONVERSATION = 10  # verdicts at the side of a conversation


@get("/app/automation/story/{number:int}", guards=[administrators_only])
async def show_story(request: MemberRequest, database: Database, number: int) -> Template:
    before = number_in(request.query_params.get("before"))
    account_id = request.user.account_id
    async with database.transaction() as tx:
        conversation = found(await find_conversation(tx, account_id, number))
        known = await known_of(tx, account_id)
        story = await story_of(tx, conversation, known, before=before)
        rules = await rule_ids_of(tx, account_id)
    return page(
        request,
        "automation/story.html",
        conversation=conversation,
        story=story,
        rules=rules,
        events=EVENT_LABELS,
        states=STATE_PILLS,
        older=f"?before={story.before}" if story.before else "",
        newest="?" if before else "",
    )


@get("/app/automation/verdicts", guards=[administrators_only])
async def show_verdicts_of(
    request: MemberRequest, database: Database
) -> Template | Response[bytes]:
    """What the rules decided in one conversation, for its side panel."""
    number = found(number_in(request.query_params.get("conversation")))
    wanted = VerdictFilter(conversation_id=number)
    account_id = request.user.account_id
    async with database.transaction() as tx:
        verdicts, _ = await verdicts_page(tx, account_id, wanted, limit=_OF_CONVERSATION)
        newest = str(verdicts[0].id if verdicts else 0)
        if request.query_params.get("seen") == newest:
            return Response(b"", status_code=204)  # nothing new: what is open stays open
        known = await known_of(tx, account_id) if verdicts else Known()
        rules = await rule_ids_of(tx, account_id)
    return page(
        request,
        "automation/_of_conversation.html",
        newest=newest,
        verdicts=[told(one, known) for one in verdicts],
        number=number,
        rules=rules,
        events=EVENT_LABELS,
    )


handlers: list[Any] = [show_story, show_verdicts_of]
