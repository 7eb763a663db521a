"""The channel of an e-mail inbox, by the names that the API has for its servers."""

from dataclasses import replace
from typing import Any, Final

from recado.api.door import ApiRequest, cause_of, invalid, iso, now
from recado.api.fields import Json
from recado.db.database import Transaction
from recado.inboxes.models import Inbox
from recado.lib.imap import MailboxTrouble
from recado.lib.languages import Sentence
from recado.lib.secrets import Vault
from recado.mailboxes.explaining import why_unread
from recado.mailboxes.models import Mailbox
from recado.mailboxes.setting_up import (
    MailboxDraft,
    draft_of,
    find_mailbox,
    keep_mailbox,
    mailbox_problems,
    stored_for,
    taken_problem,
)

_NAMES: Final = {
    "email": "address", "sender_name": "sender_name", "imap_address": "imap_host",
    "imap_port": "imap_port", "imap_login": "imap_user", "imap_password": "imap_password",
    "imap_folder": "folder", "smtp_address": "smtp_host", "smtp_port": "smtp_port",
    "smtp_login": "smtp_user", "smtp_password": "smtp_password", "imap_enabled": "is_active",
}  # fmt: skip
_KINDS: Final[dict[str, type]] = {"imap_port": int, "smtp_port": int, "imap_enabled": bool}
_FLAGS: Final = ("imap_enable_ssl", "smtp_enable_ssl_tls", "smtp_enable_starttls_auto")


async def keep_channel(
    tx: Transaction, request: ApiRequest, inbox: Inbox, channel: Json, vault: Vault
) -> None:
    """Keep what was sent of the servers; what was not sent stays. 422 names what is wrong."""
    given = {name: channel[name] for name in (*_NAMES, *_FLAGS) if channel.get(name) is not None}
    if not given:
        return
    mailbox = await find_mailbox(tx, inbox)
    before = draft_of(mailbox) if mailbox else MailboxDraft()
    draft = _with_encryption(replace(before, **_values(given)), given)
    problems = mailbox_problems(draft, stored_for(mailbox, draft))
    if taken := await taken_problem(tx, inbox, draft):
        problems["address"] = taken
    if problems:
        ours = {field: name for name, field in _NAMES.items()}
        raise invalid({f"channel.{ours.get(name, name)}": why for name, why in problems.items()})
    await keep_mailbox(tx, inbox, draft, vault=vault, cause=cause_of(request), now=now())


def _values(given: Json) -> dict[str, Any]:
    wrong: dict[str, Sentence | str] = {}
    for name, value in given.items():
        if type(value) is not _KINDS.get(name, bool if name in _FLAGS else str):
            wrong[f"channel.{name}"] = "This is not a value for it."
    if wrong:
        raise invalid(wrong)
    values = {_NAMES[name]: value for name, value in given.items() if name in _NAMES}
    return {
        name: value.strip() if isinstance(value, str) and "password" not in name else value
        for name, value in values.items()
    }


def _with_encryption(draft: MailboxDraft, given: Json) -> MailboxDraft:
    if "imap_enable_ssl" in given:
        encryption = "tls" if given["imap_enable_ssl"] else "starttls"
        draft = replace(draft, imap_encryption=encryption)
    if given.get("smtp_enable_ssl_tls"):
        return replace(draft, smtp_encryption="tls")
    if "smtp_enable_ssl_tls" in given or "smtp_enable_starttls_auto" in given:
        starts = given.get("smtp_enable_starttls_auto", True)
        return replace(draft, smtp_encryption="starttls" if starts else "none")
    return draft


def channel_json(mailbox: Mailbox | None) -> Json:
    """What administrators see of a mailbox: all but its passwords."""
    if mailbox is None:
        return {"imap_enabled": False}
    names = {name: field for name, field in _NAMES.items() if not name.endswith("_password")}
    shown: Json = {name: getattr(mailbox, field) for name, field in names.items()}
    trouble = why_unread(MailboxTrouble(mailbox.trouble)) if mailbox.trouble else None
    return shown | {
        "imap_enable_ssl": mailbox.imap_encryption == "tls",
        "smtp_enabled": bool(mailbox.smtp_host),
        "smtp_enable_ssl_tls": mailbox.smtp_encryption == "tls",
        "smtp_enable_starttls_auto": mailbox.smtp_encryption == "starttls",
        "last_fetched_at": iso(mailbox.read_at),
        "fetch_error": str(trouble) if trouble else None,
    }
