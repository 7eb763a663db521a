"""`recado rules export|plan|apply`: an account's rules and custom actions as a file."""

import argparse
import asyncio
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from sqlalchemy import select

from recado.accounts.models import Account
from recado.automation.documents import parsed_document, written_document
from recado.automation.transferring import (
    By,
    NotReadable,
    Step,
    carry_out,
    document_from,
    exported,
    unread_parts,
)
from recado.db.database import Database, Transaction
from recado.lib.addresses import AddressGuard
from recado.lib.languages import say, speaking
from recado.opening import database_server, open_database, open_vault
from recado.settings import Settings

_YAML: Final = (".yaml", ".yml")
_MARKS: Final = {"create": "+", "change": "~", "same": "=", "refuse": "!"}


class TransferRefused(Exception):
    """A file or an account is not as it must be; the text says why."""


def add_rules_options(command: argparse.ArgumentParser) -> None:
    """What the command line takes after `recado rules`."""
    command.add_argument("act", choices=["export", "plan", "apply"])
    command.add_argument("--account", type=int, help="its id; not needed where there is only one")
    command.add_argument(
        "--file", type=Path, help="JSON, or YAML by its name; export prints without"
    )


def transfer(settings: Settings, options: argparse.Namespace) -> int:
    """Do what was asked; 1 where something in the file was refused, and then nothing is changed."""
    with database_server(settings, may_join=True) as url, speaking("en"):
        return asyncio.run(_transfer(url, settings, options))


async def _transfer(url: str, settings: Settings, options: argparse.Namespace) -> int:
    async with open_database(url, settings) as database:
        if options.act == "export":
            return await _export(database, options)
        parsed, document = _read(options.file)
        for part in unread_parts(parsed):
            print(f"  {say('“%(part)s” is not read here.', part=part)}")
        return await _apply(database, settings, options, document)


async def _export(database: Database, options: argparse.Namespace) -> int:
    async with database.transaction() as tx:
        document = await exported(tx, await account_id_of(tx, options.account))
    file = options.file
    text = written_document(document, as_yaml=file is not None and file.suffix in _YAML)
    if file is None:
        print(text)
    else:
        file.write_text(text, encoding="utf-8")
    return 0


async def _apply(
    database: Database, settings: Settings, options: argparse.Namespace, document: dict[str, Any]
) -> int:
    guard, is_plan = AddressGuard(settings.allowed_networks), options.act == "plan"
    by = By(open_vault(settings), datetime.now(UTC), guard.surely_refuses)
    async with database.transaction() as tx:
        account_id = await account_id_of(tx, options.account)
        steps = await carry_out(tx, account_id, document, by, is_plan=is_plan)
    return _tell(steps, is_plan=is_plan)


def _tell(steps: Sequence[Step], *, is_plan: bool) -> int:
    for one in steps:
        print(f"{_MARKS[one.verb]} {one.verb} {one.kind} “{one.name}”")
        for note in one.notes:
            print(f"    {note}")
    refused = sum(one.verb == "refuse" for one in steps)
    changed = sum(one.verb in {"create", "change"} for one in steps)
    if refused:
        print(f"{refused} refused: nothing was changed.", file=sys.stderr)
        return 1
    print(f"{changed} to change; nothing was changed yet." if is_plan else f"{changed} changed.")
    return 0


async def account_id_of(tx: Transaction, wanted: int | None, *, option: str = "--account") -> int:
    """The account that was meant: the one that `option` says, or the only one."""
    ids = list(await tx.scalars(select(Account.id).order_by(Account.id)))
    if wanted is None and len(ids) == 1:
        return int(ids[0])
    if wanted in ids and wanted is not None:
        return wanted
    known = ", ".join(map(str, ids)) or "there is none; see recado setup"
    raise TransferRefused(f"Say which account with {option}; there are: {known}.")


def _read(file: Path | None) -> tuple[Any, dict[str, Any]]:
    """What stands in the file, and what of it is rules and custom actions."""
    if file is None:
        raise TransferRefused("Say which file with --file.")
    try:
        parsed = parsed_document(file.read_text(encoding="utf-8-sig"))
        return parsed, document_from(parsed)
    except OSError as error:
        raise TransferRefused(f"{file}: {error.strerror}.") from error
    except (ValueError, NotReadable) as error:
        raise TransferRefused(f"{file}: {error}") from error
