"""The page of the account itself."""

from typing import Any

from litestar import get, post
from litestar.response import Response, Template

from recado.accounts.doors import MemberRequest, administrators_only, flash_of, go_to, page, spoken
from recado.accounts.keeping_house import AccountDraft, account_problems, settle_account
from recado.db.database import Database
from recado.lib.calendars import every_time_zone
from recado.lib.languages import Sentence, say


@get("/app/account", guards=[administrators_only], sync_to_thread=False)
def show_account(request: MemberRequest) -> Template:
    return _shown(request, AccountDraft.of(request.user.account), {})


@post("/app/account", guards=[administrators_only])
async def save_account(request: MemberRequest, database: Database) -> Template | Response[Any]:
    form = await request.form()
    names = ("name", "language", "time_zone", "audit_days")
    draft = AccountDraft(*(str(form.get(name, "")) for name in names))
    if problems := account_problems(draft):
        return _shown(request, draft, problems)
    async with database.transaction() as tx:
        await settle_account(tx, request.user.account_id, draft)
    return go_to(request, "/app/account?saved=yes")


def _shown(request: MemberRequest, draft: AccountDraft, problems: dict[str, Sentence]) -> Template:
    is_saved = not problems and "saved" in request.query_params
    return page(
        request, "accounts/account.html", status_code=422 if problems else 200,
        draft=draft, zones=every_time_zone(draft.time_zone), errors=spoken(problems),
        flash=flash_of(say("The account is saved.") if is_saved else None),
    )  # fmt: skip


handlers: list[Any] = [show_account, save_account]
