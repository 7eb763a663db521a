"""What no person wrote: out-of-office answers, lists, letters that came back (RFC 3834, RFC 3464). Pure."""

import re
from dataclasses import dataclass
from typing import Final

from recado.mailboxes.headers import Mail, inside

_ROBOTS: Final = re.compile(r"<?(mailer-daemon|postmaster|noreply|no-reply|do-not-reply)@", re.I)
_BULK: Final = frozenset({"bulk", "junk", "list", "auto_reply"})
_MARKS: Final = ("X-Autoreply", "X-Autorespond", "X-Autoresponse", "List-Id", "List-Unsubscribe")
_LONGEST_WHY: Final = 300  # characters
_ID: Final = re.compile(r"^message-id:\s*<([^<>\s]+)>", re.I | re.M)


@dataclass(frozen=True, slots=True)
class Returned:
    """A letter of ours that came back: its Message-ID, and the other server's words."""

    id: str
    why: str


def is_automatic(mail: Mail) -> bool:
    """Whether an answer by a machine would be answered by a machine."""
    submitted = _word(mail, "Auto-Submitted")
    suppressed = str(mail.get("X-Auto-Response-Suppress", "")).lower()
    return (
        submitted not in {"", "no"}
        or _word(mail, "Precedence") in _BULK
        or any(name in mail for name in _MARKS)
        or "all" in suppressed
        or "oof" in suppressed
        or str(mail.get("Return-Path", "")).strip() == "<>"
        or mail.get_content_type() == "multipart/report"
        or bool(_ROBOTS.search(str(mail.get("From", ""))))
    )


def returned(mail: Mail) -> Returned | None:
    """Which letter a report says could not be delivered; None where it says nothing of the kind."""
    if mail.get_content_type() != "multipart/report":
        return None
    parts = inside(mail)
    reports = [one for one in parts if one.get_content_type() == "message/delivery-status"]
    found = [one for report in reports for one in inside(report)]
    failed = next((one for one in found if _word(one, "Action") == "failed"), None)
    original = next((known for one in parts if (known := _original_id(one))), None)
    if failed is None or original is None:
        return None
    said = str(failed.get("Diagnostic-Code", "")) or str(failed.get("Status", ""))
    return Returned(original, " ".join(said.split()).replace("\0", "")[:_LONGEST_WHY])


def _original_id(part: Mail) -> str | None:
    payload, parts = part.get_payload(), inside(part)
    if part.get_content_type() == "message/rfc822" and parts:
        return str(parts[0].get("Message-ID", "")).strip(" <>\r\n\t") or None
    if part.get_content_type() == "text/rfc822-headers" and isinstance(payload, str):
        found = _ID.search(payload)
        return found[1] if found else None
    return None


def _word(mail: Mail, name: str) -> str:
    return str(mail.get(name, "")).partition(";")[0].strip().lower()
