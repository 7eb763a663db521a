"""The first steps: from an empty account to a call that arrived, on one page."""

from datetime import UTC, datetime
from typing import Any

from litestar import get, post
from litestar.exceptions import ClientException
from litestar.response import Response, Template

from recado.accounts.doors import (
    MemberRequest,
    administrators_only,
    go_to,
    is_fragment_wanted,
    page,
    spoken,
)
from recado.automation.starting_out import (
    FIRST_BODY,
    make_first_action,
    make_first_rule,
    progress_of,
    write_as_contact,
)
from recado.conversations.posting import message_problem
from recado.db.database import Database, Transaction
from recado.deliveries.delivering import Outbound
from recado.deliveries.explaining import explain
from recado.deliveries.showing import STATE_PILLS
from recado.deliveries.states import State
from recado.inboxes.models import Channel
from recado.inboxes.opening import InboxDraft, inbox_problems, open_inbox
from recado.lib.languages import Sentence

_HERE = "/app/start"


@get("/app/start", guards=[administrators_only])
async def show_start(request: MemberRequest, database: Database) -> Template:
    """The page, or its steps alone for whoever asks by htmx."""
    async with database.transaction() as tx:
        return await _shown(tx, request)


@post("/app/start/inbox", guards=[administrators_only])
async def open_first_inbox(
    request: MemberRequest, database: Database, outbound: Outbound
) -> Template | Response[Any]:
    """Step 1."""
    name = await _typed(request, "name")
    draft = InboxDraft(name, Channel.API)
    problems = inbox_problems(draft)
    async with database.transaction() as tx:
        if problems:
            return await _shown(tx, request, problems, name=name)
        vault = outbound.vault
        await open_inbox(tx, request.user.account_id, draft, vault=vault, now=datetime.now(UTC))
    return go_to(request, _HERE)


@post("/app/start/action", guards=[administrators_only])
async def add_first_action(
    request: MemberRequest, database: Database, outbound: Outbound
) -> Template | Response[Any]:
    """Step 2."""
    name, url = await _typed(request, "name"), await _typed(request, "url")
    async with database.transaction() as tx:
        problems = await make_first_action(
            tx, request.user, name, url, vault=outbound.vault, now=datetime.now(UTC)
        )
        if problems:
            return await _shown(tx, request, problems, name=name, url=url)
    return go_to(request, _HERE)


@post("/app/start/rule", guards=[administrators_only])
async def add_first_rule(request: MemberRequest, database: Database) -> Response[Any]:
    """Step 3."""
    name = await _typed(request, "name")
    async with database.transaction() as tx:
        progress = await progress_of(tx, request.user)
        if progress.action is None or not name:
            raise ClientException
        if progress.rule is None:
            await make_first_rule(tx, request.user, progress.action, name, now=datetime.now(UTC))
    return go_to(request, _HERE)


@post("/app/start/message", guards=[administrators_only])
async def write_first_message(
    request: MemberRequest, database: Database
) -> Template | Response[Any]:
    """Step 4, as often as one likes."""
    content = await _typed(request, "content")
    async with database.transaction() as tx:
        if problem := message_problem(content):
            return await _shown(tx, request, {"content": problem}, content=content)
        progress = await progress_of(tx, request.user)
        if progress.inbox is None:
            raise ClientException
        await write_as_contact(tx, request.user, progress.inbox, content, now=datetime.now(UTC))
    return go_to(request, _HERE)


async def _typed(request: MemberRequest, name: str) -> str:
    return str((await request.form()).get(name, "")).strip()


async def _shown(
    tx: Transaction,
    request: MemberRequest,
    problems: dict[str, Sentence] | None = None,
    **typed: str,
) -> Template:
    progress = await progress_of(tx, request.user)
    delivery = progress.delivery
    attempt = delivery.attempts[-1] if delivery and delivery.attempts else None
    return page(
        request, "_start.html" if is_fragment_wanted(request) else "start.html",
        status_code=422 if problems else 200,
        progress=progress, delivery=delivery, attempt=attempt, pills=STATE_PILLS,
        explanation=explain(State(delivery.state), delivery.reason) if delivery else None,
        body=FIRST_BODY, typed=typed, errors=spoken(problems or {}),
    )  # fmt: skip


handlers: list[Any] = [
    show_start, open_first_inbox, add_first_action, add_first_rule, write_first_message,
]  # fmt: skip
