"""The order in which rules are tested: moving one up, down, or to a place."""

from typing import Any

from litestar import post

from recado.accounts.doors import MemberRequest, administrators_only, answer, found, page
from recado.automation.pages import shown_rules
from recado.automation.saving import find_rule, move_rule, rules_of
from recado.db.database import Database


@post("/app/automation/{rule_id:int}/move", status_code=200, guards=[administrators_only])
async def move(request: MemberRequest, database: Database, rule_id: int) -> Any:
    """`to` is "up", "down", or a place counted from 0."""
    to, account_id = str((await request.form()).get("to", "")), request.user.account_id
    async with database.transaction() as tx:
        rule = found(await find_rule(tx, account_id, rule_id))
        here = [one.id for one in await rules_of(tx, account_id)].index(rule.id)
        await move_rule(tx, rule, to=_place(to, here))
        context = await shown_rules(tx, account_id)
    focus = f"rule-{rule_id}-{to}" if to in {"up", "down"} else ""
    shown = page(request, "automation/_list.html", **context, focus=focus)
    return answer(request, shown, otherwise=f"/app/automation#rule-{rule_id}")


def _place(to: str, here: int) -> int:
    if to in {"up", "down"}:
        return here + (1 if to == "down" else -1)
    return int(to) if to.isascii() and to.isdigit() and len(to) < 9 else here


handlers: list[Any] = [move]
