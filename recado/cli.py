"""The command line: `recado up`, `web`, `worker`, `migrate`, `setup`, `demo`, `doctor`."""

import argparse
import asyncio
import json
import logging
import sys
from collections.abc import Callable
from datetime import UTC, datetime

from recado import __version__
from recado.accounts.people import PersonDraft, find_user_by_email, person_problems
from recado.accounts.setting_up import set_up
from recado.accounts.tokens import create_token
from recado.db.database import Database, DatabaseUnreachable
from recado.db.embedded import EmbeddedError
from recado.demo import demonstrate
from recado.doctor import examine
from recado.lib.languages import speaking
from recado.opening import database_server, open_database, with_options
from recado.serving import Roles, serve
from recado.settings import SettingError, Settings, read_settings


class CommandError(Exception):
    """A command cannot do what was asked; the text says why."""


def run(arguments: list[str]) -> int:
    """Run a command and return the exit code. Expected trouble is one sentence on standard error."""
    options = _parser().parse_args(arguments)
    try:
        settings = with_options(read_settings(), port=options.port, data_dir=options.data_dir)
        logging.basicConfig(
            level=settings.log_level.upper(),
            format="%(asctime)s %(levelname)s %(name)s %(message)s",
        )
        return int(_COMMANDS[options.command](settings, options) or 0)
    except (SettingError, EmbeddedError, DatabaseUnreachable, CommandError) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="recado", description="A customer-chat desk whose rules call other systems."
    )
    parser.add_argument("--version", action="version", version=f"Recado {__version__}")
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--port", type=int, help="instead of RECADO_PORT")
    shared.add_argument("--data-dir", help="instead of RECADO_DATA_DIR")
    commands = parser.add_subparsers(dest="command", required=True)
    for name, help_text in _HELP.items():
        command = commands.add_parser(name, help=help_text, parents=[shared])
        if name == "setup":
            _add_setup_options(command)
        if name == "demo":
            command.add_argument(
                "--fill-only", action="store_true", help="add the sample data and end"
            )
    return parser


def _add_setup_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("--email", required=True)
    command.add_argument("--password", required=True)
    command.add_argument("--account", required=True, help="name of the account")
    command.add_argument("--name", help="name of the person; without it, the part before the @")
    command.add_argument("--language", default="pt_BR", choices=["pt_BR", "en", "es"])


_HELP = {
    "up": "run everything in one process, with the embedded database unless DATABASE_URL is set",
    "web": "run only the web server",
    "worker": "run only the worker",
    "migrate": "bring the tables up to date",
    "setup": "make an account with its first administrator, and print an access token",
    "demo": "fill a sample account and run everything, with a receiver that echoes",
    "doctor": "check database, clock, disk and outgoing network, and say what to do",
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
    with speaking("en"):
        for field, sentence in problems.items():
            raise CommandError(f"--{field}: {sentence}")
    now = datetime.now(UTC)
    async with database.transaction() as tx:
        if await find_user_by_email(tx, options.email):
            raise CommandError(f"There is already a person with the e-mail {options.email}.")
        member = await set_up(tx, options.account, draft, language=options.language, now=now)
        token = await create_token(tx, member.user_id, "setup", now=now)
    return {"account_id": member.account_id, "user_id": member.user_id, "token": token}


def _demo(settings: Settings, options: argparse.Namespace) -> None:
    demonstrate(settings, fill_only=options.fill_only)


def _doctor(settings: Settings, _: argparse.Namespace) -> int:
    return examine(settings)


_COMMANDS: dict[str, Callable[[Settings, argparse.Namespace], int | None]] = {
    "up": _up,
    "web": _web,
    "worker": _worker,
    "migrate": _migrate,
    "setup": _setup,
    "demo": _demo,
    "doctor": _doctor,
}
