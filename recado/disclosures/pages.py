"""Where data of people goes: the page of the record, and the record as a file."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from litestar import get
from litestar.response import Response, Template

from recado.accounts.doors import MemberRequest, administrators_only, page
from recado.actions.variables import variables_of
from recado.db.database import Database
from recado.disclosures.gathering import gather_recipients
from recado.disclosures.recipients import Disclosure, Means, Recipient
from recado.lib.languages import language, say
from recado.lib.personal import Person, person_of
from recado.lib.spreadsheets import BOM, csv_line, separator_for

MEANS: Final = {
    Means.ACTION: say("Custom action"),
    Means.WEBHOOK: say("Webhook"),
    Means.RULE: say("Rule"),
    Means.MACRO: say("Macro"),
    Means.INBOX: say("Inbox"),
    Means.BOT: say("Agent bot"),
    Means.DASHBOARD_APP: say("Dashboard app"),
    Means.MAILBOX: say("Mailbox"),
    Means.CONNECTION: say("Connection"),
}
COLUMNS: Final = ("host", "kind", "name", "on", "about", "variable", "since", "sent_by")


@get("/app/disclosures", guards=[administrators_only])
async def show_disclosures(request: MemberRequest, database: Database) -> Template:
    recipients, labels = await _record(database, request.user.account_id)
    told = [one for one in recipients if one.is_told]
    return page(
        request, "disclosures/list.html", recipients=told, labels=labels, means=MEANS, people=Person,
        zone=ZoneInfo(request.user.account.time_zone),
        untold=[one.host for one in recipients if not one.is_told],
    )  # fmt: skip


@get("/app/disclosures.csv", guards=[administrators_only])
async def export_disclosures(request: MemberRequest, database: Database) -> Response[str]:
    recipients, _ = await _record(database, request.user.account_id)
    between, zone = separator_for(language()), ZoneInfo(request.user.account.time_zone)
    lines = [csv_line(one, between) for one in (COLUMNS, *_rows(recipients, zone))]
    day = datetime.now(UTC).astimezone(zone).date()
    return Response(
        BOM + "".join(lines), media_type="text/csv",
        headers={"content-disposition": f'attachment; filename="disclosures-{day}.csv"'},
    )  # fmt: skip


async def _record(database: Database, account_id: int) -> tuple[list[Recipient], dict[str, Any]]:
    async with database.transaction() as tx:
        variables = await variables_of(tx, account_id)
        recipients = await gather_recipients(tx, account_id, variables)
    return recipients, {one.name: one.label for one in variables}


def _rows(recipients: Sequence[Recipient], zone: ZoneInfo) -> Iterator[tuple[object, ...]]:
    """A row for each variable that goes out."""
    for disclosure in (one for recipient in recipients for one in recipient.disclosures):
        for name in disclosure.names:
            yield _row(disclosure, name, zone)


def _row(one: Disclosure, name: str, zone: ZoneInfo) -> tuple[object, ...]:
    since = one.since.get(name)
    return (
        one.host, one.means, one.name, "yes" if one.is_on else "no", person_of(name), name,
        since.astimezone(zone).date() if since else "", ", ".join(str(by.name) for by in one.triggers),
    )  # fmt: skip


handlers: list[Any] = [show_disclosures, export_disclosures]
