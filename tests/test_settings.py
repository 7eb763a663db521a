"""What an operator can set, and what nonsense is told."""

import re
from dataclasses import fields
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest

from recado.settings import SettingError, Settings, read_settings

KEY = "0123456789abcdef0123456789abcdef"
NAMES = {
    "host": "RECADO_HOST",
    "port": "RECADO_PORT",
    "public_url": "RECADO_PUBLIC_URL",
    "data_dir": "RECADO_DATA_DIR",
    "database_url": "DATABASE_URL",
    "database_pool_size": "RECADO_DATABASE_POOL_SIZE",
    "secret_key": "RECADO_SECRET_KEY",
    "previous_keys": "RECADO_SECRET_KEY_PREVIOUS",
    "allowed_networks": "RECADO_ALLOWED_NETWORKS",
    "trusted_proxies": "RECADO_TRUSTED_PROXIES",
    "ca_file": "RECADO_CA_FILE",
    "deadline_seconds": "RECADO_DEADLINE_SECONDS",
    "lease_seconds": "RECADO_LEASE_SECONDS",
    "concurrency": "RECADO_CONCURRENCY",
    "lane_concurrency": "RECADO_LANE_CONCURRENCY",
    "api_requests_per_minute": "RECADO_API_REQUESTS_PER_MINUTE",
    "log_level": "RECADO_LOG_LEVEL",
    "log_format": "RECADO_LOG_FORMAT",
    "metrics_token": "RECADO_METRICS_TOKEN",
    "platform_token": "RECADO_PLATFORM_TOKEN",
    "mail_server": "RECADO_SMTP_URL",
    "bucket": "RECADO_FILES_URL",
}


def test_nothing_needs_to_be_set() -> None:
    settings = read_settings({})
    assert (settings.host, settings.port) == ("127.0.0.1", 3000)
    assert settings.public_url == "http://127.0.0.1:3000"
    assert settings.data_dir == Path("data").absolute()
    assert settings.database_url is None
    assert not settings.is_https
    assert settings.secret_key is None
    assert settings.allowed_networks == ()
    assert settings.ca_file is None
    assert (settings.deadline_seconds, settings.lease_seconds) == (15.0, 60.0)
    assert (settings.log_level, settings.log_format) == ("info", "text")
    assert settings.metrics_token is None


@pytest.mark.parametrize(
    ("field", "given", "value"),
    [
        ("host", "0.0.0.0", "0.0.0.0"),
        ("port", "80", 80),
        ("public_url", "https://chat.example.com/", "https://chat.example.com"),
        ("data_dir", "/srv/recado", Path("/srv/recado")),
        ("database_url", "postgresql://u:p@db:5432/r", "postgresql://u:p@db:5432/r"),
        ("database_url", "postgres://u:p%40@db/r", "postgres://u:p%40@db/r"),
        ("database_pool_size", "50", 50),
        ("secret_key", KEY, KEY),
        ("allowed_networks", "10.0.0.0/8, fd00::/8", (ip_network("10.0.0.0/8"), ip_network("fd00::/8"))),
        ("trusted_proxies", "172.18.0.0/16", (ip_network("172.18.0.0/16"),)),
        ("ca_file", __file__, __file__),
        ("deadline_seconds", "30", 30.0),
        ("lease_seconds", "90", 90.0),
        ("concurrency", "1000", 1000),
        ("lane_concurrency", "5", 5),
        ("log_level", "WARNING", "warning"),
        ("log_format", "JSON", "json"),
        ("metrics_token", "for-prometheus", "for-prometheus"),
        ("platform_token", KEY, KEY),
    ],
)  # fmt: skip
def test_every_setting_is_read_from_its_variable(field: str, given: str, value: Any) -> None:
    assert getattr(read_settings({NAMES[field]: given}), field) == value


def test_every_setting_has_its_variable() -> None:
    assert set(NAMES) == {one.name for one in fields(Settings)}


@pytest.mark.parametrize("empty", ["", "  "])
def test_an_empty_variable_counts_as_none(empty: str) -> None:
    assert read_settings(dict.fromkeys(NAMES.values(), empty)) == read_settings({})


@pytest.mark.parametrize(
    ("name", "nonsense"),
    [
        ("RECADO_PORT", "many"),
        ("RECADO_PORT", "0"),
        ("RECADO_PORT", "65536"),
        ("RECADO_PORT", "-1"),
        ("RECADO_PORT", "3000.0"),
        ("RECADO_PORT", "²"),
        ("RECADO_PORT", "٣٠٠٠"),  # digits, but nobody else reads them so
        ("RECADO_PUBLIC_URL", "chat.example.com"),
        ("RECADO_PUBLIC_URL", "ftp://chat.example.com"),
        ("RECADO_PUBLIC_URL", "https://"),
        ("RECADO_PUBLIC_URL", "https://[::1"),
        ("RECADO_PUBLIC_URL", "https://chat.example.com:port"),
        ("RECADO_DATA_DIR", "~nobody-of-this-name/data"),
        ("DATABASE_URL", "mysql://db/recado"),
        ("DATABASE_URL", "sqlite:///recado.db"),
        ("DATABASE_URL", "db:5432"),
        ("DATABASE_URL", "postgresql://u:p@db:port/r"),
        ("DATABASE_URL", "postgresql://[::1/r"),
        ("RECADO_DATABASE_POOL_SIZE", "1"),
        ("RECADO_SECRET_KEY", "too short"),
        ("RECADO_SECRET_KEY_PREVIOUS", f"{KEY}, too short"),
        ("RECADO_ALLOWED_NETWORKS", "10.0.0.0/33"),
        ("RECADO_ALLOWED_NETWORKS", "everything"),
        ("RECADO_TRUSTED_PROXIES", "*"),
        ("RECADO_CA_FILE", "/nowhere/ca.pem"),
        ("RECADO_DEADLINE_SECONDS", "0"),
        ("RECADO_DEADLINE_SECONDS", "61"),
        ("RECADO_LEASE_SECONDS", "15"),  # not more than the deadline: every call would go out twice
        ("RECADO_CONCURRENCY", "0"),
        ("RECADO_LANE_CONCURRENCY", "none"),
        ("RECADO_API_REQUESTS_PER_MINUTE", "many"),
        ("RECADO_LOG_LEVEL", "loud"),
        ("RECADO_SMTP_URL", "mail.example.com"),
        ("RECADO_PLATFORM_TOKEN", "too short"),
        ("RECADO_MAIL_FROM", "desk@example.com"),  # of no server
        ("RECADO_FILES_URL", "https://s3.example.com/files"),
        ("RECADO_FILES_URL", "s3://k:s@s3.example.com"),
    ],
)
def test_nonsense_is_told_by_its_name(name: str, nonsense: str) -> None:
    with pytest.raises(SettingError) as refusal:
        read_settings({name: nonsense})
    assert name in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_a_mail_server_has_an_address_to_send_from() -> None:
    given = {"RECADO_SMTP_URL": "smtps://mail.example.com", "RECADO_MAIL_FROM": "d@example.com"}
    server = read_settings(given).mail_server
    assert server is not None
    assert (server.host, server.sender) == ("mail.example.com", "d@example.com")
    with pytest.raises(SettingError, match="RECADO_MAIL_FROM"):
        read_settings({"RECADO_SMTP_URL": "smtps://mail.example.com"})


def test_a_bad_address_of_the_mail_server_does_not_show_its_password() -> None:
    with pytest.raises(SettingError) as refusal:
        read_settings({"RECADO_SMTP_URL": "smtp://user:hunter2secret@mail:port"})
    assert "hunter2secret" not in str(refusal.value)


def test_a_bad_address_of_the_storage_does_not_show_its_secret() -> None:
    with pytest.raises(SettingError) as refusal:
        read_settings({"RECADO_FILES_URL": "s3://key:hunter2secret@storage:port/files"})
    assert "hunter2secret" not in str(refusal.value)


def test_a_bad_address_of_the_database_does_not_show_its_password() -> None:
    with pytest.raises(SettingError) as refusal:
        read_settings({"DATABASE_URL": "postgresql://user:hunter2secret@db:port/r"})
    assert "hunter2secret" not in str(refusal.value)


@pytest.mark.parametrize("name", ["DATABASE_URL", "RECADO_SECRET_KEY"])
def test_secrets_may_stand_in_files(name: str, tmp_path: Path) -> None:
    value = {"DATABASE_URL": "postgresql://db/r", "RECADO_SECRET_KEY": KEY}[name]
    (tmp_path / "secret").write_text(value + "\n")
    settings = read_settings({f"{name}_FILE": str(tmp_path / "secret")})
    assert value in {settings.database_url, settings.secret_key}


@pytest.mark.parametrize("name", ["DATABASE_URL", "RECADO_SECRET_KEY"])
def test_a_file_that_cannot_be_read_is_told_by_its_name(name: str, tmp_path: Path) -> None:
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    for path in (tmp_path / "absent", tmp_path, tmp_path / "binary"):
        with pytest.raises(SettingError, match=f"{name}_FILE"):
            read_settings({f"{name}_FILE": str(path)})


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("0.0.0.0", "http://127.0.0.1:3000"),
        ("::", "http://127.0.0.1:3000"),
        ("::1", "http://[::1]:3000"),
        ("192.168.1.5", "http://192.168.1.5:3000"),
    ],
)
def test_without_a_public_address_it_is_the_one_listened_on(host: str, url: str) -> None:
    assert read_settings({"RECADO_HOST": host}).public_url == url


def test_the_page_for_operators_tells_of_every_setting_and_of_no_other() -> None:
    page = (Path(__file__).parent.parent / "docs" / "operate" / "settings.md").read_text()
    told = set(re.findall(r"^\| `([A-Z_]+)`", page, re.MULTILINE))
    assert told == {*NAMES.values(), "RECADO_MAIL_FROM"}
