"""`recado connect chatwoot|list|remove`: custom actions and rules for a Chatwoot that stays where it is."""

import argparse
import asyncio
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlsplit

from recado.app import Parts
from recado.chatwoot.calling import NotAnswered
from recado.chatwoot.connecting import Standing, connect, connections_of, disconnect
from recado.chatwoot.entering import enter
from recado.commands.importing import token_in
from recado.commands.transferring import account_id_of
from recado.lib.languages import speaking
from recado.opening import database_server, open_parts
from recado.settings import Settings

_LOCAL: Final = frozenset({"127.0.0.1", "localhost", "::1"})


class ConnectRefused(Exception):
    """A connection could not be made or ended; the text says why."""


def add_connect_options(command: argparse.ArgumentParser) -> None:
    """What the command line takes after `recado connect`."""
    command.add_argument("act", choices=["chatwoot", "list", "remove"])
    command.add_argument("--url", help="of the Chatwoot, as in https://chat.example.com")
    command.add_argument(
        "--token", help="an administrator's access token there; - reads it from input"
    )
    command.add_argument(
        "--account", type=int, help="the account there; needed if there are several"
    )
    command.add_argument(
        "--into", type=int, help="the account here; not needed if there is only one"
    )
    command.add_argument("--id", type=int, help="which connection to remove, as `list` shows it")


def connect_to(settings: Settings, options: argparse.Namespace) -> None:
    """Do what was asked."""
    with database_server(settings, may_join=True) as url, speaking("en"):
        asyncio.run(_act(url, settings, options))


async def _act(url: str, settings: Settings, options: argparse.Namespace) -> None:
    async with open_parts(url, settings) as parts:
        async with parts.database.transaction() as tx:
            account_id = await account_id_of(tx, options.into, option="--into")
        match options.act:
            case "chatwoot":
                await _connect(parts, options, account_id)
            case "list":
                await _list(parts, account_id)
            case _:
                await _remove(parts, options, account_id)


async def _connect(parts: Parts, options: argparse.Namespace, account_id: int) -> None:
    if not options.url or not options.token:
        raise ConnectRefused("Say which with --url and --token.")
    public_url = parts.settings.public_url
    try:
        entered = await enter(
            parts.outbound.sender, options.url, token_in(options), options.account
        )
        number = await connect(
            parts.database, parts.outbound, account_id, entered, public_url=public_url
        )
    except NotAnswered as error:
        raise ConnectRefused(f"{options.url}: {error.sentence}") from error
    print(f"Connected to {entered.name} ({entered.remote.url}), as connection {number}.")
    if urlsplit(public_url).hostname in _LOCAL:
        print(
            f"It sends its webhooks to {public_url}: if that is not how it reaches this server, set "
            "RECADO_PUBLIC_URL and connect again. Until then it is asked every minute."
        )


async def _list(parts: Parts, account_id: int) -> None:
    async with parts.database.transaction() as tx:
        standings = await connections_of(tx, account_id)
    for one in standings:
        print(told(one, now=datetime.now(UTC)))
    if not standings:
        print("No connections.")


def told(one: Standing, *, now: datetime) -> str:
    """A connection in a line."""
    server = one.server
    seen = f"last heard {server.seen_at:%Y-%m-%d %H:%M} UTC" if server.seen_at else "not heard yet"
    behind = f"{one.arrivals} to mirror" if one.arrivals else "nothing to mirror"
    if one.oldest is not None:
        behind += f", for {int((now - one.oldest).total_seconds())} s"
    state = str(one.trouble) if one.trouble else "Connected."
    return (
        f"{server.id}  {server.name}  {server.url}  {state} {seen}; {behind}; "
        f"{one.outgoing} to write back, {one.failed} failed"
    )


async def _remove(parts: Parts, options: argparse.Namespace, account_id: int) -> None:
    async with parts.database.transaction() as tx:
        known = {one.server.id for one in await connections_of(tx, account_id)}
    wanted = options.id or (next(iter(known)) if len(known) == 1 else None)
    if wanted not in known:
        named = ", ".join(map(str, sorted(known))) or "there are none"
        raise ConnectRefused(f"Say which connection with --id: {named}.")
    kept = await disconnect(parts.database, parts.outbound, account_id, wanted)
    print("Removed. What was mirrored stays; its inboxes are ordinary API inboxes now.")
    if kept is not None:
        print(f"Its webhook could not be removed over there: {kept.sentence} Remove it by hand.")
