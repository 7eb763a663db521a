"""`recado doctor`: looks at what Recado needs, and says what to do where something is wrong."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import select, text

from recado.db.database import Database, Transaction, database_now
from recado.inboxes.keeping_tokens import is_key_of_stored
from recado.lib.addresses import AddressGuard
from recado.lib.mailing import MailTrouble, knock, mail_tls
from recado.lib.storing import StorageAway
from recado.mailboxes.models import Mailbox
from recado.opening import database_server, open_database, open_store, open_vault
from recado.settings import Settings

_CLOCK_SECONDS = 5.0
_DISK_FREE_BYTES = 1 << 30


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: whether it is well, and otherwise what to do."""

    is_well: bool
    what: str


def examine(settings: Settings) -> int:
    """Print a line for each thing; 0 when all is well, otherwise 1."""
    with database_server(settings, may_join=True) as url:
        findings = asyncio.run(_examine(url, settings))
    for finding in findings:
        print(f"{'ok  ' if finding.is_well else 'BAD '} {finding.what}")
    return 0 if all(one.is_well for one in findings) else 1


async def _examine(url: str, settings: Settings) -> list[Finding]:
    findings = [_disk(settings), *_guard(settings), await mail_finding(settings)]
    findings.append(await files_finding(settings))
    async with open_database(url, settings) as database:
        findings.append(await _key(database, settings))
        findings += [one async for one in _database(database)]
    return findings


async def _database(database: Database) -> AsyncIterator[Finding]:
    careless = await database.careless_settings()
    async with database.transaction() as tx:
        version = await tx.scalar(text("show server_version"))
        yield Finding(True, f"database: PostgreSQL {version} answers")
        for name in careless:
            yield Finding(False, f"database: {name} is off: a crash loses messages; set it on")
        if not careless:
            yield Finding(True, "database: what is acknowledged is on disk")
        apart = abs((await database_now(tx) - datetime.now(UTC)).total_seconds())
        yield Finding(
            apart < _CLOCK_SECONDS,
            f"clock: {apart:.1f} s from the database's"
            + ("" if apart < _CLOCK_SECONDS else ": let both follow NTP"),
        )
        waiting = await tx.scalar(
            text(
                "select count(*) from deliveries where state = 'pending' and due_at < now() - interval '5 minutes'"
            )
        )
        yield Finding(
            not waiting,
            f"deliveries: {waiting} due for over 5 minutes"
            + (": is a worker running?" if waiting else ""),
        )
        for finding in await mailbox_findings(tx):
            yield finding
        failed = await tx.scalar(
            text(
                "select count(*) from events where trouble is not null and created_at > now() - interval '7 days'"
            )
        )
        yield Finding(
            not failed,
            f"rules: {failed} events of the last 7 days met an error of ours"
            + (": see the log" if failed else ""),
        )


async def mailbox_findings(tx: Transaction) -> list[Finding]:
    """The mailboxes that cannot be read, or one line for all that can."""
    boxes = list(await tx.scalars(select(Mailbox).where(Mailbox.is_active)))
    failing = [one for one in boxes if one.trouble]
    if not failing:
        return [Finding(True, f"mailboxes: {len(boxes)} are read")] if boxes else []
    return [
        Finding(
            False,
            f"mailbox of inbox {one.inbox_id} ({one.imap_host}): {one.trouble} {one.said}".rstrip()
            + ": its page says what to do",
        )
        for one in failing
    ]


async def _key(database: Database, settings: Settings) -> Finding:
    kept = "RECADO_SECRET_KEY" if settings.secret_key else settings.data_dir / "secret.key"
    async with database.transaction() as tx:
        if await is_key_of_stored(tx, open_vault(settings)):
            return Finding(True, f"key: {kept}; keep a copy, without it stored secrets are lost")
    return Finding(
        False,
        f"key: {kept} does not fit the stored secrets: put the right one back; if it is lost, "
        "run `recado forget-secrets` and enter the secrets again",
    )


async def mail_finding(settings: Settings) -> Finding:
    """Whether the operator's mail server would take what we write."""
    server = settings.mail_server
    if server is None:
        return Finding(True, "e-mail: none is sent; RECADO_SMTP_URL names a mail server")
    answer = await asyncio.to_thread(knock, server, mail_tls(settings.ca_file))
    where = f"e-mail: {server.host}:{server.port}"
    if answer.trouble is None:
        return Finding(True, f"{where} takes e-mails from {server.sender}")
    return Finding(False, f"{where}: {_MAIL_ADVICE[answer.trouble]} ({answer.said})")


_MAIL_ADVICE = {
    MailTrouble.UNREACHABLE: "no connection: check host, port and firewall in RECADO_SMTP_URL",
    MailTrouble.ENCRYPTION: "no safe connection: use smtps:// for port 465, RECADO_CA_FILE for your own authority",
    MailTrouble.SIGN_IN: "user or password refused: put them right in RECADO_SMTP_URL",
    MailTrouble.LATER: "it does not take us just now: try again in some minutes",
}


async def files_finding(settings: Settings) -> Finding:
    """Whether a file can be kept, read and removed again."""
    where = f"files: {settings.bucket or settings.files_dir}"
    async with open_store(settings) as store:
        try:
            key = await store.keep(b"recado doctor")
            parts = await store.open(key, start=0, stop=13)
            content = b"".join([one async for one in parts]) if parts else b""
            await store.forget([key])
        except (StorageAway, OSError) as error:
            return Finding(False, f"{where}: {error}: {_FILES_ADVICE[settings.bucket is None]}")
    is_well = content == b"recado doctor"
    return Finding(is_well, where + (" is written and read" if is_well else ": reads other bytes"))


_FILES_ADVICE = {
    True: "let Recado write to the folder",
    False: "put address, bucket, region and key right in RECADO_FILES_URL",
}


def _disk(settings: Settings) -> Finding:
    free = shutil.disk_usage(settings.data_dir if settings.data_dir.exists() else "/").free
    is_well = free > _DISK_FREE_BYTES
    return Finding(
        is_well, f"disk: {free / (1 << 30):.1f} GiB free" + ("" if is_well else ": make room")
    )


def _guard(settings: Settings) -> list[Finding]:
    guard = AddressGuard(settings.allowed_networks)
    refused = all(guard.refusal(one) for one in ("169.254.169.254", "0.0.0.0", "fe80::1"))  # noqa: S104
    allowed = ", ".join(map(str, settings.allowed_networks)) or "none"
    return [
        Finding(
            refused,
            "outgoing network: link-local and metadata addresses are "
            + ("refused" if refused else "ALLOWED: narrow RECADO_ALLOWED_NETWORKS"),
        ),
        Finding(
            True, f"outgoing network: inner networks allowed by RECADO_ALLOWED_NETWORKS: {allowed}"
        ),
    ]
