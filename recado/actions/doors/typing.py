"""What the form of a custom action asks while somebody types: is this right, what does it come to."""

from datetime import UTC, datetime
from typing import Any

from litestar import get, post
from litestar.response import Template
from markupsafe import escape

from recado.accounts.doors import MemberRequest, administrators_only, found, page
from recado.actions.sending_form import waits_outlook
from recado.actions.showing import findings_in, url_finding
from recado.actions.trying import facts_for_trial
from recado.actions.variables import variables_of
from recado.conversations.offering import conversations_offered
from recado.db.database import Database
from recado.deliveries.delivering import Outbound
from recado.lib.facts import names_known
from recado.lib.numbers import number_in
from recado.lib.picking import variables_island, with_values_of


@post("/app/actions/check", guards=[administrators_only], status_code=200)
async def check_body(request: MemberRequest, database: Database) -> list[dict[str, Any]]:
    """What the editor underlines."""
    form = await request.form()
    async with database.transaction() as tx:
        known = names_known(await variables_of(tx, request.user.account_id))
    return findings_in(str(form.get("text", "")), str(form.get("language", "")), known)


@post("/app/actions/check-url", guards=[administrators_only], status_code=200)
async def check_url(request: MemberRequest, database: Database, outbound: Outbound) -> Template:
    """What stands below the URL; sent, since a URL may hold a key that belongs into no log."""
    source = str((await request.form()).get("url", ""))
    async with database.transaction() as tx:
        known = names_known(await variables_of(tx, request.user.account_id))
    finding = url_finding(source, known, refuses=outbound.sender.is_surely_refused)
    return page(request, "actions/_url_finding.html", finding=finding)


@get("/app/actions/variables", guards=[administrators_only])
async def list_variables(request: MemberRequest, database: Database) -> list[dict[str, Any]]:
    """The variables as they are now: one made in another tab is offered without a reload. With the
    number of a conversation, the values beside them are that conversation's.
    """
    async with database.transaction() as tx:
        variables = await variables_of(tx, request.user.account_id)
        if chosen := request.query_params.get("conversation"):
            number, now = number_in(chosen) or 0, datetime.now(UTC)
            facts = found(await facts_for_trial(tx, request.user, number, {}, now=now))
            variables = with_values_of(variables, facts)
    return variables_island(variables)


@get("/app/actions/conversations", guards=[administrators_only])
async def offer_conversations(request: MemberRequest, database: Database) -> Template:
    """The conversations that fit what was typed, as options."""
    async with database.transaction() as tx:
        typed = request.query_params.get("q", "")
        offered = await conversations_offered(tx, request.user, typed)
    return page(request, "actions/_conversations.html", offered=offered, number=None)


@get("/app/actions/waits", guards=[administrators_only], media_type="text/html")
async def show_outlook(request: MemberRequest) -> str:
    """What own waits come to; a sentence without what anybody typed."""
    return str(escape(str(waits_outlook(request.query_params))))


handlers: list[Any] = [
    check_body, check_url, list_variables, offer_conversations, show_outlook
]  # fmt: skip
