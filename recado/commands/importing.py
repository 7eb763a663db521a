"""`recado import chatwoot`: carry everything over from a Chatwoot, as often as it takes."""

import argparse
import asyncio
import json
import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final, TextIO

from recado.app import Parts
from recado.chatwoot.calling import NotAnswered
from recado.chatwoot.entering import Entered, enter
from recado.chatwoot.reading import Unreadable
from recado.chatwoot.remembering import counts_of, noted, server_at
from recado.commands.transferring import account_id_of
from recado.db.database import Database
from recado.lib.languages import Sentence, speaking
from recado.moving.importing import Move, import_everything
from recado.opening import database_server, open_parts
from recado.settings import Settings

_WIDTH: Final = 24  # of the progress bar


class ImportStopped(Exception):
    """The import did not come to its end; the text says why, and what to do."""


def add_import_options(command: argparse.ArgumentParser) -> None:
    """What the command line takes after `recado import`."""
    command.add_argument("source", choices=["chatwoot"])
    command.add_argument("--url", required=True, help="its address, as in https://chat.example.com")
    command.add_argument(
        "--token",
        required=True,
        help="an administrator's access token there; - reads it from input",
    )
    command.add_argument(
        "--account", type=int, help="the account there; needed if there are several"
    )
    command.add_argument(
        "--into", type=int, help="the account here; not needed if there is only one"
    )
    command.add_argument(
        "--conversations", action="store_true", help="conversations with their messages, too"
    )


def import_from(settings: Settings, options: argparse.Namespace) -> None:
    """Carry over, show how far it is, and say at the end what could not be."""
    with database_server(settings, may_join=True) as url, speaking("en"):
        asyncio.run(_import(url, settings, options))


async def _import(url: str, settings: Settings, options: argparse.Namespace) -> None:
    progress = Progress(sys.stdout)
    async with open_parts(url, settings) as parts:
        try:
            sender, token = parts.outbound.sender, token_in(options)
            entered = await enter(sender, options.url, token, options.account)
            move = await _begun(parts, entered, options.into, progress)
            await import_everything(move, conversations=options.conversations)
        except NotAnswered as stopped:
            progress.end()
            hint = " Run it again: it goes on where it was." if stopped.may_pass else ""
            raise ImportStopped(f"{options.url}: {stopped.sentence}{hint}") from stopped
        except Unreadable as error:
            raise ImportStopped(f"{options.url} does not answer as a Chatwoot does.") from error
        progress.end()
        print(await report(parts.database, move, has_conversations=options.conversations))


def token_in(options: argparse.Namespace) -> str:
    """The token, which others on this machine need not see in the list of processes."""
    given: str = sys.stdin.readline() if options.token == "-" else options.token  # noqa: S105
    return given.strip()


async def _begun(parts: Parts, entered: Entered, into: int | None, progress: "Progress") -> Move:
    remote, name, now = entered.remote, entered.name, datetime.now(UTC)
    async with parts.database.transaction() as tx:
        account_id = await account_id_of(tx, into, option="--into")
        server = await server_at(tx, account_id, remote.url, remote.account_id, name, now=now)
    return Move(
        parts.database, remote, account_id, server.id, parts.outbound.vault, now, progress.tell
    )


@dataclass(slots=True)
class Progress:
    """A bar that moves where somebody looks at a terminal; elsewhere a line for each part."""

    out: TextIO
    _open: str = field(default="")

    def tell(self, what: str, done: int, total: int) -> None:
        """So many of these are done, of so many."""
        if not self.out.isatty():
            if done >= total:
                self.out.write(f"{what}: {done} of {total}\n")
                self.out.flush()
            return
        if self._open and self._open != what:
            self.out.write("\n")
        self._open = what
        filled = _WIDTH * done // max(total, 1)
        bar = "█" * filled + "░" * (_WIDTH - filled)
        self.out.write(f"\r\x1b[K{bar} {what}: {done} of {total}")
        self.out.flush()

    def end(self) -> None:
        """Leave the line, if one is open."""
        if self._open:
            self.out.write("\n")
            self._open = ""


async def report(database: Database, move: Move, *, has_conversations: bool) -> str:
    """What is here now, and what is not, with the reason for each."""
    async with database.transaction() as tx:
        counts = await counts_of(tx, move.server_id)
        links = await noted(tx, move.server_id)
    lines = ["", "Here now:"]
    lines += [f"  {kind.replace('_', ' ')}: {number}" for kind, number in sorted(counts.items())]
    lines += ["", "Not carried over, or not whole:"]
    for link in links:
        said = " ".join(str(Sentence(**one)) for one in link.notes)
        mark = "~" if link.local_id else "!"
        lines.append(
            f"  {mark} {link.kind.replace('_', ' ')} {link.remote_id} {json.dumps(link.name, ensure_ascii=False)}: {said}"
        )
    lines += [f"  - {one}" for one in _NEVER]
    lines += [] if has_conversations else ["  - Conversations: run it with --conversations."]
    return "\n".join(lines)


_NEVER: Final = (
    "People and their passwords: add agents here; those with the same e-mail are recognised.",
    "Visitors without name, e-mail or phone, whom its list of contacts does not show: they come with"
    " their conversations.",
    "Macros, saved filters, webhooks, bots, reports, help centre: make them anew.",
    "Rules are here, switched off: look at each, then switch it on, and off there.",
)
