"""The page of the audit log: who changed what in the settings, from where, and what it was before."""

import json
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from litestar import get
from litestar.response import Stream, Template

from recado.accounts.auditing import AuditFilter, audit_page, people_of_log
from recado.accounts.doors import MemberRequest, administrators_only, page
from recado.accounts.models import Account, AuditEntry
from recado.accounts.people import colleagues_of
from recado.db.database import Database
from recado.lib.languages import Sentence, language, say
from recado.lib.numbers import number_in
from recado.lib.spreadsheets import BOM, csv_line, moment_cell, separator_for, zoned

KINDS: Final[Mapping[str, Sentence]] = {
    "account": say("Account"),
    "action": say("Custom action"),
    "agent": say("Agent"),
    "attribute": say("Custom attribute"),
    "bot": say("Agent bot"),
    "mailbox": say("Mailbox"),
    "canned_response": say("Canned response"),
    "dashboard_app": say("Dashboard app"),
    "inbox": say("Inbox"),
    "inbox_member": say("Agent of an inbox"),
    "invitation": say("Invitation"),
    "label": say("Label"),
    "macro": say("Macro"),
    "password_link": say("Link for a new password"),
    "person": say("Person"),
    "rule": say("Rule"),
    "second_step": say("Second step when signing in"),
    "secret": say("Secret"),
    "team": say("Team"),
    "team_member": say("Member of a team"),
    "token": say("Access token"),
    "webhook": say("Webhook"),
}
WHATS: Final[Mapping[str, Sentence]] = {
    "created": say("created"), "changed": say("changed"), "deleted": say("took away"),
}  # fmt: skip
COLUMNS: Final = ("at", "person", "address", "way", "what", "kind", "id", "name", "changes")
_STRETCH: Final = 500
_MOST_EXPORTED: Final = 50_000  # entries
_FIELDS: Final = ("person", "kind", "since", "until")


@get("/app/audit", guards=[administrators_only])
async def show_audit_log(request: MemberRequest, database: Database) -> Template:
    me, typed = request.user, _typed(request)
    before = number_in(request.query_params.get("before"))
    async with database.transaction() as tx:
        entries, older = await audit_page(tx, me.account_id, _filter(request, typed), before=before)
        people = await people_of_log(tx, me.account_id)
        names = {one.user_id: one.name for one in await colleagues_of(tx, me.account_id)}
    here = "/app/audit?" + urlencode(typed)
    return page(
        request, "audit.html", entries=entries, typed=typed, people=people, names=names,
        kinds=KINDS, whats=WHATS, days=me.account.audit_days,
        older=f"{here}&before={older}" if older else "",
        newest=here if before else "",
        export=f"/app/audit.csv?{urlencode(typed)}",
    )  # fmt: skip


@get("/app/audit.csv", guards=[administrators_only], sync_to_thread=False)
def export_audit_log(request: MemberRequest, database: Database) -> Stream:
    wanted = _filter(request, _typed(request))
    return Stream(
        _lines(database, request.user.account, wanted, separator_for(language())),
        media_type="text/csv; charset=utf-8",
        headers={"content-disposition": 'attachment; filename="audit.csv"'},
    )  # fmt: skip


async def _lines(
    database: Database, account: Account, wanted: AuditFilter, between: str
) -> AsyncIterator[str]:
    zone = ZoneInfo(account.time_zone)
    yield BOM + csv_line(zoned(COLUMNS, COLUMNS[:1], zone), between)
    before: int | None = None
    for _ in range(_MOST_EXPORTED // _STRETCH):
        async with database.transaction() as tx:
            entries, before = await audit_page(
                tx, account.id, wanted, before=before, limit=_STRETCH
            )
        yield "".join(csv_line(_row(one, zone), between) for one in entries)
        if before is None:
            return


def _row(entry: AuditEntry, zone: ZoneInfo) -> tuple[object, ...]:
    return (
        moment_cell(entry.at, zone), entry.user_name, entry.address, entry.way, entry.what, entry.kind,
        entry.subject_id, entry.subject_name, json.dumps(entry.changes, ensure_ascii=False),
    )  # fmt: skip


def _typed(request: MemberRequest) -> dict[str, str]:
    return {name: one for name in _FIELDS if (one := request.query_params.get(name, ""))}


def _filter(request: MemberRequest, typed: dict[str, str]) -> AuditFilter:
    """What makes no sense is not looked for."""
    zone = ZoneInfo(request.user.account.time_zone)
    until = _day(typed.get("until", ""), zone)
    kind = typed.get("kind")
    return AuditFilter(
        user_id=number_in(request.query_params.get("person")),
        kind=kind if kind in KINDS else None,
        since=_day(typed.get("since", ""), zone),
        until=until + timedelta(days=1) if until else None,
    )


def _day(text: str, zone: ZoneInfo) -> datetime | None:
    try:
        return datetime.combine(date.fromisoformat(text), time(), zone).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


handlers: list[Any] = [show_audit_log, export_audit_log]
