"""The order in which rules are tested: moving one up, down, or to a place."""

from typing import Any

from litestar import post

from recado.accounts.doors import MemberRequest, administrators_only, answer, found, page
from recado.automation.pages import shown_rules
from recado.automation.saving import find_rule, move_rule, rules_of
from recado.db.database import Database
from recado.lib.long_lists import list_query, page_of
from recado.lib.numbers import number_in


@post("/app/automation/{rule_id:int}/move", status_code=200, guards=[administrators_only])
async def move(request: MemberRequest, database: Database, rule_id: int) -> Any:
    """`to` is "up" or "down"; without it, `place` is one in the whole order, counted from 1.

    The list answers with the page on which the rule is then, or with what was searched for.
    """
    form, account_id = await request.form(), request.user.account_id
    to, q = str(form.get("to", "")), request.query_params.get("q", "")
    async with database.transaction() as tx:
        rule = found(await find_rule(tx, account_id, rule_id))
        here = [one.id for one in await rules_of(tx, account_id)].index(rule.id)
        await move_rule(tx, rule, to=_place(to or str(form.get("place", "")), here))
        there = rule.position - 1  # a move counts all of them anew, from 1
        number = request.query_params.get("page", "") if q else str(page_of(there))
        context = await shown_rules(tx, account_id, {"q": q, "page": number})
    focus = f"rule-{rule_id}-{to}" if to in {"up", "down"} else ""
    shown = page(request, "automation/_list.html", **context, focus=focus)
    path = f"/app/automation{list_query({'q': q, 'page': number})}"
    shown.headers["HX-Replace-Url"] = path
    return answer(request, shown, otherwise=f"{path}#rule-{rule_id}")


def _place(to: str, here: int) -> int:
    """The place that is meant, counted from 0; where none is, the rule stays `here`."""
    if to in {"up", "down"}:
        return here + (1 if to == "down" else -1)
    wanted = number_in(to)
    return here if wanted is None else wanted - 1


handlers: list[Any] = [move]
