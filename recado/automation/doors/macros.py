"""Pages of macros: the list, the form, and running one on a conversation."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from litestar import get, post
from litestar.exceptions import PermissionDeniedException
from litestar.response import Response, Template

from recado.accounts.colliding import OPENED, is_outdated
from recado.accounts.doors import (
    MemberRequest,
    found,
    go_to,
    is_fragment_wanted,
    members_only,
    page,
)
from recado.accounts.models import Membership
from recado.actions.variables import variables_of
from recado.automation.doors.editing import sent_by
from recado.automation.effect_names import MOST_EFFECTS
from recado.automation.forms import draft_from, fields_of, first_of, new_draft, stepped
from recado.automation.knowing import known_of
from recado.automation.known import Known
from recado.automation.macros import (
    MacroDraft,
    Visibility,
    delete_macro,
    find_macro,
    macro_collision,
    macro_problems,
    macros_for,
    mark_of,
    may_change,
    run_macro,
    save_macro,
)
from recado.automation.models import Macro
from recado.automation.recounting import told_effect
from recado.automation.rows import rows_by_hand
from recado.automation.saving import RuleDraft
from recado.automation.wording import effects_sentence
from recado.conversations.viewing import find_visible
from recado.db.database import Database, Transaction
from recado.deliveries.delivering import Outbound
from recado.deliveries.finding import find_deliveries
from recado.deliveries.models import Delivery
from recado.deliveries.showing import STATE_PILLS, TROUBLE_LABELS, shown_response
from recado.lib.languages import Sentence, say
from recado.lib.long_lists import list_page
from recado.lib.numbers import number_in
from recado.lib.picking import variables_island

_LIST = "/app/macros"
_MOST_SENT = 50  # calls beside a conversation


@get("/app/macros", guards=[members_only])
async def show_macros(request: MemberRequest, database: Database) -> Template:
    async with database.transaction() as tx:
        every = await macros_for(tx, request.user)
        listed = list_page(every, request.query_params, lambda one: one.name)
        known = await known_of(tx, request.user.account_id) if every else Known()
    shown = [
        {
            "macro": one,
            "sentence": effects_sentence(one.effects, known),
            "lost": _lost(one, known, request.user),
            "may_change": may_change(request.user, one),
        }
        for one in listed.rows
    ]
    return page(request, "automation/macros.html", macros=shown, listed=listed)


def _lost(macro: Macro, known: Known, member: Membership) -> Sentence | None:
    """What it names that is no longer there: that part of it cannot be done."""
    draft = MacroDraft(macro.name, macro.visibility, macro.effects)
    return next((one.sentence for one in macro_problems(draft, known, member)), None)


@get("/app/macros/new", guards=[members_only])
async def new_macro(request: MemberRequest, database: Database) -> Template:
    is_shared = request.user.is_administrator
    visibility = Visibility.GLOBAL if is_shared else Visibility.PERSONAL
    effect = {"action_name": "", "action_params": []}
    draft = MacroDraft("", visibility, [effect] if not is_shared else new_draft().effects)
    async with database.transaction() as tx:
        return await _form(tx, request, None, draft)


@get("/app/macros/{macro_id:int}/edit", guards=[members_only])
async def edit_macro(request: MemberRequest, database: Database, macro_id: int) -> Template:
    async with database.transaction() as tx:
        macro = await _changeable(tx, request, macro_id)
        draft = MacroDraft(macro.name, macro.visibility, macro.effects)
        return await _form(tx, request, macro, draft)


@post("/app/macros/draft", status_code=200, guards=[members_only])
async def redraw_macro(request: MemberRequest, database: Database) -> Template:
    """The form again, saving nothing: after "add", "up" or another action."""
    return await redrawn_macro(request, database, await sent_by(request))


async def redrawn_macro(
    request: MemberRequest, database: Database, sent: Mapping[str, list[str]]
) -> Template:
    """The form as it was sent, with the step that was asked for."""
    async with database.transaction() as tx:
        macro_id = number_in(first_of(sent, "macro_id"))
        macro = None if macro_id is None else await _changeable(tx, request, macro_id)
        draft = await _draft(tx, request, sent)
        rows, focus = stepped(RuleDraft("", "", [], draft.effects), first_of(sent, "do"))
        redrawn = MacroDraft(draft.name, draft.visibility, rows.effects)
        return await _form(
            tx, request, macro, redrawn, focus=focus, is_redrawn=True, opened=first_of(sent, OPENED)
        )


@post("/app/macros", status_code=200, guards=[members_only])
async def add_macro(
    request: MemberRequest, database: Database, outbound: Outbound
) -> Template | Response[Any]:
    return await _save(request, database, outbound, None)


@post("/app/macros/{macro_id:int}", status_code=200, guards=[members_only])
async def change_macro(
    request: MemberRequest, database: Database, outbound: Outbound, macro_id: int
) -> Template | Response[Any]:
    return await _save(request, database, outbound, macro_id)


@get("/app/macros/{macro_id:int}/delete", guards=[members_only])
async def ask_to_remove_macro(
    request: MemberRequest, database: Database, macro_id: int
) -> Template:
    async with database.transaction() as tx:
        macro = await _changeable(tx, request, macro_id)
    return page(request, "automation/macro_delete.html", macro=macro)


@post("/app/macros/{macro_id:int}/delete", status_code=200, guards=[members_only])
async def remove_macro(request: MemberRequest, database: Database, macro_id: int) -> Response[Any]:
    async with database.transaction() as tx:
        await delete_macro(tx, await _changeable(tx, request, macro_id))
    return go_to(request, _LIST, "deleted")


@get("/app/macros/of", guards=[members_only])
async def show_macros_of(request: MemberRequest, database: Database) -> Template:
    """The macros beside a conversation, and what came of those just run."""
    number = number_in(request.query_params.get("conversation"))
    async with database.transaction() as tx:
        conversation = found(await find_visible(tx, request.user, number or 0))
        macros = await macros_for(tx, request.user)
        ids = [one for text in request.query_params.getall("sent", []) if (one := number_in(text))]
        sent = await _deliveries(tx, request.user.account_id, conversation.display_id, ids)
        known = await known_of(tx, request.user.account_id) if macros else Known()
    return _beside(request, conversation.display_id, macros, known, sent=sent)


@post("/app/macros/{macro_id:int}/run", status_code=200, guards=[members_only])
async def run(request: MemberRequest, database: Database, macro_id: int) -> Template:
    number = number_in(str((await request.form()).get("conversation", "")))
    async with database.transaction() as tx:
        macro = found(await find_macro(tx, request.user, macro_id))
        conversation = found(await find_visible(tx, request.user, number or 0, for_change=True))
        done = await run_macro(tx, macro, conversation, request.user, now=datetime.now(UTC))
        known = await known_of(tx, request.user.account_id)
        told = [told_effect(one.as_json(), known) for one in done]
        ids = [one.delivery_id for one in told if one.delivery_id]
        sent = await _deliveries(tx, request.user.account_id, conversation.display_id, ids)
        macros = await macros_for(tx, request.user)
    return _beside(request, conversation.display_id, macros, known, ran=macro, done=told, sent=sent)


def _beside(
    request: MemberRequest, number: int, macros: Sequence[Macro], known: Known, **context: Any
) -> Template:
    sent: list[Delivery] = context.get("sent", [])
    answers = {
        one.id: shown_response(one.attempts[-1]) for one in sent if one.attempts
    }  # as it came; never as HTML
    template = "macros_of_conversation" if is_fragment_wanted(request) else "macro_page"
    return page(
        request,
        f"automation/{template}.html",
        number=number,
        macros=[(one, effects_sentence(one.effects, known)) for one in macros],
        ran=context.get("ran"),
        done=context.get("done", []),
        sent=sent,
        answers=answers,
        pills=STATE_PILLS,
        troubles=TROUBLE_LABELS,
        again="".join(f"&sent={one.id}" for one in sent),
    )


async def _deliveries(
    tx: Transaction, account_id: int, number: int, ids: Sequence[int]
) -> list[Delivery]:
    """Those of the conversation that were made by hand."""
    return [
        one for one in await find_deliveries(tx, account_id, ids[:_MOST_SENT])
        if one.conversation_id == number and one.rule_id is None and not one.is_test
    ]  # fmt: skip


async def _changeable(
    tx: Transaction, request: MemberRequest, macro_id: int, *, for_change: bool = False
) -> Macro:
    macro = found(await find_macro(tx, request.user, macro_id, for_change=for_change))
    if not may_change(request.user, macro):
        raise PermissionDeniedException("Only its author and administrators can do this.")
    return macro


async def _draft(
    tx: Transaction, request: MemberRequest, sent: Mapping[str, list[str]]
) -> MacroDraft:
    draft = draft_from(sent, await known_of(tx, request.user.account_id))
    visibility = first_of(sent, "visibility") or Visibility.PERSONAL
    return MacroDraft(draft.name, visibility, draft.effects)


async def _save(
    request: MemberRequest, database: Database, outbound: Outbound, macro_id: int | None
) -> Template | Response[Any]:
    sent = await sent_by(request)
    async with database.transaction() as tx:
        macro = None
        if macro_id is not None:
            macro = await _changeable(tx, request, macro_id, for_change=True)
        draft = await _draft(tx, request, sent)
        known = await known_of(tx, request.user.account_id, outbound.sender.is_surely_refused)
        problems = macro_problems(draft, known, request.user)
        if problems:
            errors = {name: str(one.sentence) for name, one in fields_of(problems).items()}
            return await _form(
                tx, request, macro, draft, errors=errors, opened=first_of(sent, OPENED)
            )
        if macro and is_outdated(sent, mark_of(macro)):
            collision = macro_collision(macro, draft, known)
            return await _form(tx, request, macro, draft, collision=collision)
        await save_macro(tx, macro, draft, request.user, now=datetime.now(UTC))
    return go_to(request, _LIST, "saved")


async def _form(
    tx: Transaction,
    request: MemberRequest,
    macro: Macro | None,
    draft: MacroDraft,
    **context: Any,
) -> Template:
    account_id = request.user.account_id
    known = await known_of(tx, account_id)
    errors = context.get("errors", {})
    is_fragment = is_fragment_wanted(request)
    return page(
        request,
        "automation/_macro_form.html" if is_fragment else "automation/macro.html",
        status_code=422 if errors or context.get("collision") else 200,
        macro=macro,
        draft=draft,
        effects=rows_by_hand(draft.effects, known),
        errors=errors,
        collision=context.get("collision"),
        opened=context.get("opened") or (mark_of(macro) if macro else ""),
        labels={"name": say("Name"), "visibility": say("Who sees it")},
        focus=context.get("focus", ""),
        is_macro=True,
        is_redrawn=context.get("is_redrawn", False),
        has_actions=any(one.is_active for one in known.custom_actions.values()),
        most_effects=MOST_EFFECTS,
        variables=variables_island(await variables_of(tx, account_id)),
        draft_path="/app/macros/draft",
    )


handlers: list[Any] = [
    show_macros, new_macro, edit_macro, redraw_macro, add_macro, change_macro,
    ask_to_remove_macro, remove_macro,
    show_macros_of, run,
]  # fmt: skip
