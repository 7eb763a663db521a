"""Opening what a process needs: the database (embedded or not), the key, the sender."""

import logging
import socket
import ssl
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime

from recado.app import Parts
from recado.db.database import Database
from recado.db.embedded import DataFolderInUse, EmbeddedPostgres
from recado.db.migrating import migrate
from recado.deliveries.delivering import Outbound
from recado.deliveries.requests import USER_AGENT
from recado.inboxes.keeping_tokens import encrypt_tokens, is_key_of_stored
from recado.inboxes.signing import sign_unsigned
from recado.lib.addresses import AddressGuard, Network, parse_networks
from recado.lib.bucket_storing import BucketStore
from recado.lib.mail_servers import use_mail_server
from recado.lib.public_urls import set_public_url
from recado.lib.secrets import KeyUnusable, Vault, key_from_file
from recado.lib.sending import Sender
from recado.lib.storing import DiskStore, FileStore
from recado.settings import SettingError, Settings
from recado.webhooks.saving import sign_unsigned_webhooks

_LOG = logging.getLogger("recado")
_JOIN_SECONDS = 30.0  # another Recado may be starting on the same folder
_BACKLOG = 2048


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
        _start_or_join(server, may_join=may_join)
        with server.kept_running():
            yield server.url
    finally:
        server.stop()


def _start_or_join(server: EmbeddedPostgres, *, may_join: bool) -> None:
    end = time.monotonic() + _JOIN_SECONDS
    while True:
        try:
            server.start()
        except DataFolderInUse:
            if may_join and server.is_running:
                return
            if not may_join or time.monotonic() > end:
                raise
            time.sleep(0.1)  # the other one is just starting, or stopping
        else:
            return


@asynccontextmanager
async def open_database(url: str, settings: Settings) -> AsyncIterator[Database]:
    """The database, checked and with its tables up to date."""
    database = Database(url, pool_size=settings.database_pool_size)
    try:
        await database.check()
        await migrate(url)
        for name in await database.careless_settings():
            _LOG.warning("The database has %s off: a crash loses what people were promised.", name)
        yield database
    finally:
        await database.close()


@asynccontextmanager
async def open_parts(url: str, settings: Settings) -> AsyncIterator[Parts]:
    """Everything the web and the worker need."""
    vault = open_vault(settings)
    async with (
        open_database(url, settings) as database,
        _new_sender(settings) as sender,
        open_store(settings) as store,
    ):
        async with database.transaction() as tx:
            fits = await is_key_of_stored(tx, vault)
        if not fits:
            raise SettingError(_WRONG_KEY)
        set_public_url(settings.public_url)  # a worker alone tells of it too
        use_mail_server(settings.mail_server)
        async with database.transaction() as tx:
            await encrypt_tokens(tx, vault)
            await sign_unsigned(tx, vault=vault, now=datetime.now(UTC))
            await sign_unsigned_webhooks(tx, vault=vault, now=datetime.now(UTC))
        outbound = Outbound(
            sender, vault, settings.deadline_seconds, longest_seconds=settings.lease_seconds - 1
        )
        yield Parts(settings, database, outbound, store)


_WRONG_KEY = (
    "The key does not fit the secrets stored in the database. Put back the one they were stored "
    "with, in RECADO_SECRET_KEY or as secret.key in the data folder. If it is lost for good, "
    "`recado forget-secrets` removes them; they must then be entered again."
)


@asynccontextmanager
async def open_store(settings: Settings) -> AsyncIterator[FileStore]:
    """Where the files of messages are: the data folder, or the operator's bucket.

    A bucket has a sender of its own, which also reaches the inside: the operator named it, no account.
    """
    if settings.bucket is None:
        yield DiskStore(settings.files_dir)
        return
    async with _new_sender(settings, also=_INSIDE) as sender:
        yield BucketStore(settings.bucket, sender)


_INSIDE = parse_networks(
    "10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 172.16.0.0/12 192.168.0.0/16 ::1 fc00::/7"
)


def _new_sender(settings: Settings, *, also: tuple[Network, ...] = ()) -> Sender:
    try:
        return Sender(
            guard=AddressGuard((*settings.allowed_networks, *also)),
            user_agent=USER_AGENT,
            ca_file=settings.ca_file,
        )
    except (ssl.SSLError, OSError) as error:
        raise SettingError(
            f"RECADO_CA_FILE holds no certificates that can be read: {settings.ca_file}"
        ) from error


def open_vault(settings: Settings) -> Vault:
    """The vault of RECADO_SECRET_KEY, or of the key file in the data folder."""
    if settings.secret_key is not None:
        return Vault(settings.secret_key, settings.previous_keys)
    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        return Vault(key_from_file(settings.data_dir / "secret.key"), settings.previous_keys)
    except KeyUnusable as error:
        raise SettingError(f"{error} Put the right one back, or set RECADO_SECRET_KEY.") from error
    except OSError as error:
        raise SettingError(
            f"The key file in {settings.data_dir} cannot be read or written ({error.strerror}). "
            "Set RECADO_SECRET_KEY, or RECADO_DATA_DIR to a folder that can be written."
        ) from error


def open_port(settings: Settings) -> socket.socket:
    """A socket on the address people will use; SettingError when that is not possible.

    Whoever connects before the server is ready waits.
    """
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    server = socket.socket(family, socket.SOCK_STREAM)
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        server.bind((settings.host, settings.port))
        server.listen(_BACKLOG)  # now: two that are only bound do not notice each other
    except (OSError, UnicodeError) as error:
        server.close()
        reason = getattr(error, "strerror", None) or "there is no such address"
        raise SettingError(
            f"Cannot listen on {settings.host} port {settings.port}: {reason}. "
            "Choose another with RECADO_PORT or --port, or stop what uses it."
        ) from error
    return server
