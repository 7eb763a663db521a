"""Opening what a process needs: the database (embedded or not), the key, the sender."""

import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from pathlib import Path

from recado.app import Parts
from recado.db.database import Database
from recado.db.embedded import DataFolderInUse, EmbeddedPostgres
from recado.db.migrating import migrate
from recado.deliveries.delivering import Outbound
from recado.deliveries.requests import USER_AGENT
from recado.lib.addresses import AddressGuard
from recado.lib.secrets import Vault, key_from_file
from recado.lib.sending import Sender
from recado.settings import SettingError, Settings


@contextmanager
def database_server(settings: Settings, *, may_join: bool) -> Iterator[str]:
    """The address of the database, whose embedded server runs while the block does.

    With `may_join`, a server that another Recado runs on this data folder is used as it is.
    """
    if settings.database_url is not None:
        yield settings.database_url
        return
    server = EmbeddedPostgres(settings.data_dir)
    try:
        server.start()
    except DataFolderInUse:
        if not (may_join and server.is_running):
            raise
    try:
        yield server.url
    finally:
        server.stop()


@asynccontextmanager
async def open_database(url: str, settings: Settings) -> AsyncIterator[Database]:
    """The database, checked and with its tables up to date."""
    database = Database(url, pool_size=settings.database_pool_size)
    try:
        await database.check()
        await migrate(url)
        yield database
    finally:
        await database.close()


@asynccontextmanager
async def open_parts(url: str, settings: Settings) -> AsyncIterator[Parts]:
    """Everything the web and the worker need."""
    guard = AddressGuard(settings.allowed_networks)
    vault = open_vault(settings)
    async with (
        open_database(url, settings) as database,
        Sender(guard=guard, user_agent=USER_AGENT, ca_file=settings.ca_file) as sender,
    ):
        outbound = Outbound(sender, vault, settings.deadline_seconds)
        yield Parts(settings, database, outbound)


def open_vault(settings: Settings) -> Vault:
    """The vault of RECADO_SECRET_KEY, or of the key file in the data folder."""
    if settings.secret_key is not None:
        return Vault(settings.secret_key)
    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        return Vault(key_from_file(settings.data_dir / "secret.key"))
    except OSError as error:
        raise SettingError(
            f"The key file in {settings.data_dir} cannot be read or written ({error.strerror}). "
            "Set RECADO_SECRET_KEY, or RECADO_DATA_DIR to a folder that can be written."
        ) from error


def open_port(settings: Settings) -> socket.socket:
    """A socket bound to the address people will use; SettingError when that is not possible."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    server = socket.socket(family, socket.SOCK_STREAM)
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        server.bind((settings.host, settings.port))
    except OSError as error:
        server.close()
        raise SettingError(
            f"Cannot listen on {settings.host} port {settings.port}: {error.strerror}. "
            "Choose another with RECADO_PORT or --port, or stop what uses it."
        ) from error
    return server


def with_options(settings: Settings, *, port: int | None, data_dir: str | None) -> Settings:
    """The settings with what the command line says instead."""
    if port is not None:
        is_own = settings.public_url.endswith(f":{settings.port}")
        public_url = settings.public_url.removesuffix(f":{settings.port}") + f":{port}"
        settings = replace(
            settings, port=port, public_url=public_url if is_own else settings.public_url
        )
    if data_dir is not None:
        settings = replace(settings, data_dir=Path(data_dir).expanduser().absolute())
    return settings
