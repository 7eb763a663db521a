"""The page that tells a conversation's story: what happened, what each rule decided, and why."""

from typing import Any

from litestar import get
from litestar.response import Template

from recado.accounts.doors import MemberRequest, administrators_only, found, page
from recado.automation.captions import EVENT_LABELS
from recado.automation.knowing import known_of
from recado.automation.saving import rules_of
from recado.automation.timeline import story_of
from recado.conversations.finding import find_conversation
from recado.db.database import Database
from recado.deliveries.showing import STATE_PILLS


@get("/app/automation/story/{number:int}", guards=[administrators_only])
async def show_story(request: MemberRequest, database: Database, number: int) -> Template:
    before = request.query_params.get("before", "")
    last = int(before) if before.isascii() and before.isdigit() and len(before) < 19 else None
    account_id = request.user.account_id
    async with database.transaction() as tx:
        conversation = found(await find_conversation(tx, account_id, number))
        known = await known_of(tx, account_id)
        story = await story_of(tx, conversation, known, before=last)
        rules = {one.id for one in await rules_of(tx, account_id)}
    return page(
        request,
        "automation/story.html",
        conversation=conversation,
        story=story,
        rules=rules,
        events=EVENT_LABELS,
        states=STATE_PILLS,
        older=f"?before={story.before}" if story.before else "",
        newest="?" if last else "",
    )


handlers: list[Any] = [show_story]
