"""The command line: `recado up`, `web`, `worker`, `migrate`, `setup`, `demo`, `doctor` and the like."""

import argparse
import asyncio
import json
import logging
import os
import signal
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from recado import __version__
from recado.accounts.models import User
from recado.accounts.people import PersonDraft, find_user_by_email, person_problems
from recado.accounts.proving import remove_authenticator, rotate_authenticators
from recado.accounts.recovering import link_to_new_password
from recado.accounts.setting_up import set_up
from recado.accounts.tokens import create_token
from recado.bench.benches import BENCHES, run_bench
from recado.bench.desk import BenchFailed
from recado.commands.connecting import ConnectRefused, add_connect_options, connect_to
from recado.commands.demo import DemoRefused, demonstrate
from recado.commands.doctor import examine
from recado.commands.importing import ImportStopped, add_import_options, import_from
from recado.commands.transferring import TransferRefused, add_rules_options, transfer
from recado.db.database import (
    DRIVER_ERRORS,
    Database,
    DatabaseAway,
    DatabaseUnreachable,
    Transaction,
)
from recado.db.embedded import EmbeddedError
from recado.db.migrating import TablesUnknown
from recado.deliveries.keeping_secrets import Rotated, forget_unreadable, rotate_secrets
from recado.inboxes.keeping_tokens import replace_unreadable, rotate_tokens
from recado.lib.calendars import USUAL_ZONE, known_zone
from recado.lib.languages import say, speaking
from recado.lib.logs import set_up_logs
from recado.opening import database_server, open_database, open_vault
from recado.serving import NotServing, Roles, serve
from recado.settings import SettingError, Settings, read_settings


class CommandError(Exception):
    """A command cannot do what was asked; the text says why."""


def run(arguments: list[str]) -> int:
    """Run a command and return the exit code. Expected trouble is one sentence on standard error."""
    options = _parser().parse_args(arguments)
    signal.signal(signal.SIGTERM, _stop)  # until the server hears it itself, as Ctrl-C
    try:
        settings = read_settings(os.environ | _given(options))
        set_up_logs(settings.log_level, settings.log_format)
        logging.getLogger("alembic").setLevel(logging.WARNING)
        return int(_COMMANDS[options.command](settings, options) or 0)
    except _EXPECTED as error:
        print(error, file=sys.stderr)
        return 1
    except DATABASE_TROUBLE as error:
        said = str(getattr(error, "orig", None) or error).strip().partition("\n")[0]
        print(f"The database refused, or stopped answering: {said}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


_EXPECTED = (
    SettingError,
    EmbeddedError,
    DatabaseUnreachable,
    TablesUnknown,
    NotServing,
    CommandError,
    BenchFailed,
    TransferRefused,
    ImportStopped,
    ConnectRefused,
    DemoRefused,
)
DATABASE_TROUBLE = (
    SQLAlchemyError,
    *DRIVER_ERRORS,
    DatabaseAway,
)


def _stop(*_: object) -> None:
    raise KeyboardInterrupt


def _given(options: argparse.Namespace) -> dict[str, str]:
    """What the command line says instead of the environment."""
    given = {"RECADO_PORT": options.port, "RECADO_DATA_DIR": options.data_dir}
    return {name: value for name, value in given.items() if value is not None}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="recado", description="A customer-chat desk whose rules call other systems."
    )
    parser.add_argument("--version", action="version", version=f"Recado {__version__}")
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--port", help="instead of RECADO_PORT")
    shared.add_argument("--data-dir", help="instead of RECADO_DATA_DIR")
    commands = parser.add_subparsers(dest="command", required=True)
    for name, help_text in _HELP.items():
        command = commands.add_parser(name, help=help_text, parents=[shared])
        if name in _OPTIONS:
            _OPTIONS[name](command)
    return parser


def _add_secrets_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("what", choices=["rotate"])


def _add_email_option(command: argparse.ArgumentParser) -> None:
    command.add_argument("--email", required=True, help="of the person")


def _add_demo_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("--fill-only", action="store_true", help="add the sample data and end")


def _add_setup_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("--email", required=True)
    command.add_argument("--password", required=True)
    command.add_argument("--account", required=True, help="name of the account")
    command.add_argument("--name", help="name of the person; without it, the part before the @")
    command.add_argument("--language", default="pt_BR", choices=["pt_BR", "en", "es"])
    command.add_argument("--time-zone", default=USUAL_ZONE, help="as in Europe/Lisbon")


def _add_bench_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("bench", choices=list(BENCHES))
    command.add_argument("--seconds", type=float, default=10.0, help="of each measurement")
    command.add_argument("--rate", type=float, default=50.0, help="messages a second, if steady")
    command.add_argument("--json", type=Path, help="a file for the figures, for programs")


_OPTIONS: dict[str, Callable[[argparse.ArgumentParser], None]] = {
    "secrets": _add_secrets_options,
    "setup": _add_setup_options,
    "bench": _add_bench_options,
    "rules": add_rules_options,
    "connect": add_connect_options,
    "import": add_import_options,
    "demo": _add_demo_options,
    "forget-second-step": _add_email_option,
    "new-password": _add_email_option,
}
_HELP = {
    "up": "run everything in one process, with the embedded database unless DATABASE_URL is set",
    "web": "run only the web server",
    "worker": "run only the worker",
    "migrate": "bring the tables up to date",
    "setup": "make an account with its first administrator, and print an access token",
    "demo": "fill a sample account and run everything, with a receiver that echoes",
    "bench": "measure what this machine carries, in a folder that is thrown away afterwards",
    "rules": "write rules and custom actions to a file, compare a file with an account, apply it",
    "connect": "have rules and custom actions beside a Chatwoot: connect it, list, remove",
    "import": "carry over contacts, inboxes, rules and the like from a Chatwoot; resumable",
    "doctor": "check database, key, clock, disk and outgoing network, and say what to do",
    "secrets": "rotate: encrypt every stored secret with the present key, while Recado runs",
    "forget-second-step": "let who lost the app and the recovery codes in by the password alone",
    "new-password": "print a link with which somebody who forgot the password chooses another",
    "forget-secrets": "remove the stored secrets that the present key does not read",
}


def _up(settings: Settings, _: argparse.Namespace) -> None:
    serve(settings, Roles())


def _web(settings: Settings, _: argparse.Namespace) -> None:
    serve(settings, Roles(worker=False))


def _worker(settings: Settings, _: argparse.Namespace) -> None:
    serve(settings, Roles(web=False))


def _migrate(settings: Settings, _: argparse.Namespace) -> None:
    async def migrated(url: str) -> None:
        async with open_database(url, settings):
            print("The tables are up to date.")

    with database_server(settings, may_join=True) as url:
        asyncio.run(migrated(url))


def _setup(settings: Settings, options: argparse.Namespace) -> None:
    async def set_up_at(url: str) -> None:
        async with open_database(url, settings) as database:
            print(json.dumps(await _set_up(database, options)))

    with database_server(settings, may_join=True) as url:
        asyncio.run(set_up_at(url))


async def _set_up(database: Database, options: argparse.Namespace) -> dict[str, object]:
    name = options.name or options.email.split("@")[0]
    draft = PersonDraft(name, options.email, options.password)
    problems = person_problems(draft)
    if not options.account.strip():
        raise CommandError("--account: Please enter a name.")
    if known_zone(options.time_zone) is None:
        problems["time-zone"] = say("There is no such time zone.")
    with speaking("en"):
        for field, sentence in problems.items():
            raise CommandError(f"--{field}: {sentence}")
    now = datetime.now(UTC)
    async with database.transaction() as tx:
        if await find_user_by_email(tx, options.email):
            raise CommandError(f"There is already a person with the e-mail {options.email}.")
        member = await set_up(
            tx, options.account, draft,
            language=options.language, time_zone=options.time_zone, now=now,
        )  # fmt: skip
        token = await create_token(tx, member.user_id, "setup", now=now)
    return {"account_id": member.account_id, "user_id": member.user_id, "token": token}


def _demo(settings: Settings, options: argparse.Namespace) -> None:
    demonstrate(settings, fill_only=options.fill_only)


def _rotate_secrets(settings: Settings, _: argparse.Namespace) -> None:
    async def rotate_at(url: str) -> None:
        vault, done = open_vault(settings), Rotated()
        async with open_database(url, settings) as database:
            is_more = True
            while is_more:
                async with database.transaction() as tx:
                    is_more = await rotate_secrets(tx, vault, done)
            async with database.transaction() as tx:
                await rotate_tokens(tx, vault, done)
                changed, unreadable = await rotate_authenticators(tx, vault)
                done.changed, done.unreadable = done.changed + changed, done.unreadable + unreadable
        print(f"Encrypted {done.changed} secrets with the present key.")
        if done.unreadable:
            raise CommandError(
                f"{done.unreadable} secrets are read by no key: set RECADO_SECRET_KEY_PREVIOUS to "
                "the one they were encrypted with, and run this again."
            )

    with database_server(settings, may_join=True) as url:
        asyncio.run(rotate_at(url))


def _forget_secrets(settings: Settings, _: argparse.Namespace) -> None:
    async def forget_at(url: str) -> None:
        vault = open_vault(settings)
        async with open_database(url, settings) as database, database.transaction() as tx:
            count, replaced = (
                await forget_unreadable(tx, vault),
                await replace_unreadable(tx, vault),
            )
        print(f"Removed {count} secrets that this key does not read.")
        if replaced:
            print(f"{replaced} inboxes and bots have a new token: tell their programs.")

    with database_server(settings, may_join=True) as url:
        asyncio.run(forget_at(url))


async def _user_with(tx: Transaction, email: str) -> User:
    user = await find_user_by_email(tx, email)
    if user is None:
        raise CommandError(f"There is nobody with the e-mail {email}.")
    return user


def _forget_second_step(settings: Settings, options: argparse.Namespace) -> None:
    async def forget_at(url: str) -> None:
        async with open_database(url, settings) as database, database.transaction() as tx:
            user = await _user_with(tx, options.email)
            await remove_authenticator(tx, user.id)
        print(f"{options.email} signs in by the password alone, until they set it up again.")

    with database_server(settings, may_join=True) as url:
        asyncio.run(forget_at(url))


def _new_password(settings: Settings, options: argparse.Namespace) -> None:
    async def link_at(url: str) -> str:
        async with open_database(url, settings) as database, database.transaction() as tx:
            user = await _user_with(tx, options.email)
            return await link_to_new_password(tx, user.id, now=datetime.now(UTC))

    with database_server(settings, may_join=True) as url:
        print(asyncio.run(link_at(url)))
    print("It works once, for 24 hours: pass it on to the person.")


def _bench(_: Settings, options: argparse.Namespace) -> None:
    print(
        run_bench(options.bench, seconds=options.seconds, rate=options.rate, json_file=options.json)
    )


def _doctor(settings: Settings, _: argparse.Namespace) -> int:
    return examine(settings)


_COMMANDS: dict[str, Callable[[Settings, argparse.Namespace], int | None]] = {
    "up": _up,
    "web": _web,
    "worker": _worker,
    "migrate": _migrate,
    "setup": _setup,
    "demo": _demo,
    "bench": _bench,
    "doctor": _doctor,
    "rules": transfer,
    "import": import_from,
    "connect": connect_to,
    "secrets": _rotate_secrets,
    "forget-second-step": _forget_second_step,
    "new-password": _new_password,
    "forget-secrets": _forget_secrets,
}
