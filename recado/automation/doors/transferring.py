"""Rules and custom actions as a file, by page: taken along, and brought in after a look at the plan."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from litestar import get, post
from litestar.datastructures import UploadFile
from litestar.response import Response, Template

from recado.accounts.doors import MemberRequest, administrators_only, go_to, page
from recado.automation.documents import parsed_document, written_document
from recado.automation.transferring import (
    By,
    NotReadable,
    Step,
    carry_out,
    document_from,
    exported,
    has_foreign_numbers,
    unread_parts,
)
from recado.db.database import Database
from recado.deliveries.delivering import Outbound
from recado.lib.languages import Sentence, say

_PATH: Final = "/app/automation/import"


@dataclass(frozen=True, slots=True)
class _Pill:
    label: Sentence
    kind: str


PILLS: Final[Mapping[str, _Pill]] = {
    "create": _Pill(say("New"), "success"),
    "change": _Pill(say("Changes"), "info"),
    "same": _Pill(say("Same"), ""),
    "refuse": _Pill(say("Refused"), "danger"),
}
KINDS: Final[Mapping[str, Sentence]] = {
    "rule": say("Rule"),
    "custom action": say("Custom action"),
}


@get(
    ["/app/automation/export.json", "/app/automation/export.yaml"], guards=[administrators_only]
)  # fmt: skip
async def export_rules(request: MemberRequest, database: Database) -> Response[bytes]:
    """Every rule and custom action as a file, without secrets."""
    is_yaml = request.url.path.endswith("yaml")
    async with database.transaction() as tx:
        document = await exported(tx, request.user.account_id)
    ending = "yaml" if is_yaml else "json"
    return Response(
        written_document(document, as_yaml=is_yaml).encode(),
        media_type="application/yaml" if is_yaml else "application/json",
        headers={"content-disposition": f'attachment; filename="rules.{ending}"'},
    )


@get(_PATH, guards=[administrators_only], sync_to_thread=False)
def ask_for_rules(request: MemberRequest) -> Template:
    return page(request, "automation/import.html", document="", errors={})


@post(_PATH, status_code=200, guards=[administrators_only])
async def import_rules(
    request: MemberRequest, database: Database, outbound: Outbound
) -> Template | Response[Any]:
    """The plan, and nothing is changed; with `apply` it is carried out, unless anything is refused."""
    form = await request.form()
    text = await _text(form)
    try:
        parsed = parsed_document(text)
        document = document_from(parsed)
    except NotReadable as error:
        return page(
            request, "automation/import.html", status_code=422,
            document=text, errors={"document": str(error)},
        )  # fmt: skip
    by = By(
        outbound.vault, datetime.now(UTC), outbound.sender.is_surely_refused, request.user.user_id
    )
    is_plan = form.get("do") != "apply"
    async with database.transaction() as tx:
        steps = await carry_out(tx, request.user.account_id, document, by, is_plan=is_plan)
    refused = sum(one.verb == "refuse" for one in steps)
    if not is_plan and not refused:
        return go_to(request, "/app/automation", "saved")
    return page(
        request, "automation/plan.html", status_code=422 if refused else 200, document=text,
        steps=steps, refused=refused, changing=_changing(steps), unread=unread_parts(parsed),
        is_foreign=has_foreign_numbers(document), pills=PILLS, kinds=KINDS,
    )  # fmt: skip


def _changing(steps: list[Step]) -> int:
    return sum(one.verb in {"create", "change"} for one in steps)


async def _text(form: Any) -> str:  # Litestar's form
    file = form.get("file")
    if isinstance(file, UploadFile) and (content := await file.read()):
        return content.decode("utf-8-sig", "replace")
    return str(form.get("document", "")).replace("\r\n", "\n")


handlers: list[Any] = [export_rules, ask_for_rules, import_rules]
