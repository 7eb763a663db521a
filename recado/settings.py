"""Everything an operator can set, read once at the start from the environment.

Nonsense stops the start with a sentence that names the setting. Secrets are also read from
`NAME_FILE`. What an account may choose for itself is a row in the database, not a setting.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from recado.lib.addresses import Network, parse_networks
from recado.lib.buckets import Bucket, bucket
from recado.lib.logs import FORMATS, TEXT
from recado.lib.mail_servers import MailServer, mail_server
from recado.lib.secrets import SHORTEST_KEY


class SettingError(Exception):
    """A setting makes no sense; the text names it and says what would."""


@dataclass(frozen=True, slots=True)
class Settings:
    """One value per environment variable; docs/operate/settings.md describes each for operators."""

    host: str  # RECADO_HOST: the address to listen on
    port: int  # RECADO_PORT
    public_url: str  # RECADO_PUBLIC_URL: how people reach this server, without a slash at the end
    data_dir: Path  # RECADO_DATA_DIR: embedded database, secret key
    database_url: str | None  # DATABASE_URL: None means the embedded PostgreSQL
    database_pool_size: int  # RECADO_DATABASE_POOL_SIZE: connections of one process
    secret_key: str | None  # RECADO_SECRET_KEY: None means the key file in the data folder
    previous_keys: tuple[str, ...]  # RECADO_SECRET_KEY_PREVIOUS: they read, but do not encrypt
    # RECADO_ALLOWED_NETWORKS: inner networks we may call. Any, since msgspec, which checks what is
    # handed to the pages, takes no union of two foreign types.
    allowed_networks: tuple[Any, ...]
    trusted_proxies: tuple[Any, ...]  # RECADO_TRUSTED_PROXIES: they say who asks
    ca_file: str | None  # RECADO_CA_FILE: certificates trusted besides the system's
    deadline_seconds: float  # RECADO_DEADLINE_SECONDS: for one whole attempt
    lease_seconds: float  # RECADO_LEASE_SECONDS: after which a dead worker's deliveries fall due
    concurrency: int  # RECADO_CONCURRENCY: attempts in flight in one worker
    lane_concurrency: int  # RECADO_LANE_CONCURRENCY: of these, to one destination
    api_requests_per_minute: int  # RECADO_API_REQUESTS_PER_MINUTE: of one token; 0: no limit
    log_level: str  # RECADO_LOG_LEVEL: debug, info, warning or error
    log_format: str  # RECADO_LOG_FORMAT: text, or json: one object a line
    metrics_token: str | None  # RECADO_METRICS_TOKEN: None means /metrics for this machine only
    platform_token: str | None  # RECADO_PLATFORM_TOKEN: None means that the platform API is closed
    mail_server: MailServer | None  # RECADO_SMTP_URL with RECADO_MAIL_FROM: None means no e-mail
    bucket: Bucket | None  # RECADO_FILES_URL: None means the data folder

    @property
    def files_dir(self) -> Path:
        """Where the files of messages lie."""
        return self.data_dir / "attachments"

    @property
    def is_https(self) -> bool:
        """Whether people reach us by https, so that cookies may be bound to it."""
        return self.public_url.startswith("https://")


def read_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """The settings of this process; a SettingError names the first one that makes no sense."""
    read = _Reader(os.environ if environment is None else environment)
    host = read.text("RECADO_HOST", "127.0.0.1")
    port = read.number("RECADO_PORT", 3000, least=1, most=65535)
    deadline = read.number("RECADO_DEADLINE_SECONDS", 15, least=1, most=60)
    return Settings(
        host=host,
        port=port,
        public_url=_public_url(read.text("RECADO_PUBLIC_URL", ""), host, port),
        data_dir=_folder(read.text("RECADO_DATA_DIR", "data")),
        database_url=_database_url(read.secret("DATABASE_URL")),
        database_pool_size=read.number("RECADO_DATABASE_POOL_SIZE", 20, least=2, most=500),
        secret_key=_secret_key(read.secret("RECADO_SECRET_KEY")),
        previous_keys=_previous_keys(read.secret("RECADO_SECRET_KEY_PREVIOUS")),
        allowed_networks=_networks(read, "RECADO_ALLOWED_NETWORKS", ""),
        trusted_proxies=_networks(read, "RECADO_TRUSTED_PROXIES", "127.0.0.1 ::1"),
        ca_file=_file("RECADO_CA_FILE", read.text("RECADO_CA_FILE", "")),
        deadline_seconds=float(deadline),
        lease_seconds=float(read.number("RECADO_LEASE_SECONDS", 60, least=deadline + 1, most=600)),
        concurrency=read.number("RECADO_CONCURRENCY", 200, least=1, most=5000),
        lane_concurrency=read.number("RECADO_LANE_CONCURRENCY", 20, least=1, most=1000),
        api_requests_per_minute=read.number(
            "RECADO_API_REQUESTS_PER_MINUTE", 3_000, least=0, most=10_000_000
        ),
        log_level=read.choice("RECADO_LOG_LEVEL", "info", ("debug", "info", "warning", "error")),
        log_format=read.choice("RECADO_LOG_FORMAT", TEXT, FORMATS),
        metrics_token=read.secret("RECADO_METRICS_TOKEN") or None,
        platform_token=_platform_token(read.secret("RECADO_PLATFORM_TOKEN")),
        mail_server=_mail_server(read.secret("RECADO_SMTP_URL"), read.text("RECADO_MAIL_FROM", "")),
        bucket=_bucket(read.secret("RECADO_FILES_URL")),
    )


class _Reader:
    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment

    def text(self, name: str, default: str) -> str:
        return self._environment.get(name, "").strip() or default

    def secret(self, name: str) -> str:
        """The value, or the content of the file that NAME_FILE names."""
        if path := self._environment.get(f"{name}_FILE"):
            try:
                return Path(path).read_text(encoding="utf-8").strip()
            except (OSError, ValueError) as error:
                raise SettingError(
                    f"{name}_FILE names a file that cannot be read: {error}"
                ) from error
        return self.text(name, "")

    def number(self, name: str, default: int, *, least: int, most: int) -> int:
        given = self.text(name, str(default))
        if not given.isascii() or not given.isdigit() or not least <= int(given) <= most:
            raise SettingError(
                f"{name} must be a whole number from {least} to {most}, not {given!r}."
            )
        return int(given)

    def choice(self, name: str, default: str, choices: tuple[str, ...]) -> str:
        given = self.text(name, default).lower()
        if given not in choices:
            raise SettingError(f"{name} must be one of {', '.join(choices)}, not {given!r}.")
        return given


def _public_url(given: str, host: str, port: int) -> str:
    if not given:
        shown = "127.0.0.1" if host in {"0.0.0.0", "::"} else host  # noqa: S104 - compared, not bound
        return f"http://{f'[{shown}]' if ':' in shown else shown}:{port}"
    if not _is_web_address(given):
        raise SettingError(
            f"RECADO_PUBLIC_URL must look like https://chat.example.com, not {given!r}."
        )
    return given.rstrip("/")


def _is_web_address(given: str) -> bool:
    try:
        parts = urlsplit(given)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a port that is no number, a bracket that is never closed
        return False


def _database_url(given: str) -> str | None:
    if not given:
        return None
    if not given.startswith(("postgresql://", "postgres://")):
        raise SettingError(
            "DATABASE_URL must begin with postgresql:// (Recado speaks only PostgreSQL)."
        )
    try:
        make_url(given).set(drivername="postgresql")
    except (ArgumentError, ValueError) as error:  # its text may hold the password
        raise SettingError(
            "DATABASE_URL must look like postgresql://user:password@host:5432/name; "
            "special characters in the password are written as %40 for @, %2F for / and so on."
        ) from error
    return given


def _mail_server(url: str, sender: str) -> MailServer | None:
    if not url and sender:
        raise SettingError("RECADO_MAIL_FROM needs RECADO_SMTP_URL beside it, or nothing is sent.")
    try:
        return mail_server(url, sender) if url else None
    except ValueError as error:
        raise SettingError(f"RECADO_SMTP_URL: {error}.") from error


def _bucket(url: str) -> Bucket | None:
    try:
        return bucket(url) if url else None
    except ValueError as error:
        raise SettingError(f"RECADO_FILES_URL: {error}.") from error


def _folder(given: str) -> Path:
    try:
        return Path(given).expanduser().absolute()
    except RuntimeError as error:
        raise SettingError(f"RECADO_DATA_DIR names no home folder: {given!r}.") from error


def _secret_key(given: str) -> str | None:
    if given and len(given) < SHORTEST_KEY:
        raise SettingError(
            f"RECADO_SECRET_KEY must have at least {SHORTEST_KEY} characters; "
            "this makes one: openssl rand -hex 32"
        )
    return given or None


def _platform_token(given: str) -> str | None:
    if given and len(given) < SHORTEST_KEY:
        raise SettingError(
            f"RECADO_PLATFORM_TOKEN must have at least {SHORTEST_KEY} characters; "
            "this makes one: openssl rand -hex 32"
        )
    return given or None


def _previous_keys(given: str) -> tuple[str, ...]:
    keys = tuple(one.strip() for one in given.split(",") if one.strip())
    if any(len(one) < SHORTEST_KEY for one in keys):
        raise SettingError(
            f"RECADO_SECRET_KEY_PREVIOUS must hold keys of at least {SHORTEST_KEY} characters, "
            "separated by commas."
        )
    return keys


def _networks(read: _Reader, name: str, default: str) -> tuple[Network, ...]:
    try:
        return parse_networks(read.text(name, default))
    except ValueError as error:
        raise SettingError(f"{name}: {error}") from error


def _file(name: str, given: str) -> str | None:
    if given and not Path(given).is_file():
        raise SettingError(f"{name} names a file that is not there: {given}")
    return given or None
