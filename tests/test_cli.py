"""The command line as newcomers and operators meet it: real processes on real folders.

`recado` starts a command as they do; `fork_recado` forks it from one that has started, where what is tested comes after.
"""

import json
import os
import pwd
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy.exc import TimeoutError as PoolTimeout

from recado import __version__
from recado.cli import DATABASE_TROUBLE
from recado.commands.demo import RECEIVER_PORT
from recado.db.database import DatabaseAway
from recado.db.embedded import EmbeddedPostgres
from recado.deliveries.keeping_secrets import keep_secret
from recado.opening import open_database, open_vault
from recado.settings import read_settings
from tests.faults.processes import (
    AS_NOBODY,
    SETUP,
    START_SECONDS,
    Running,
    can_become_nobody,
    end_postgres,
    free_port,
    postgres_of,
    recado,
    until,
)
from tests.faults.ready import fork_recado

pytestmark = pytest.mark.xdist_group("cli")  # they share a folder


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A data folder for this file, set up once."""
    folder = tmp_path_factory.mktemp("home") / "data"
    done = recado(folder, *SETUP)
    assert done.returncode == 0, done.stderr
    (folder.parent / "setup.json").write_text(done.stdout)
    yield folder
    end_postgres(folder)


@pytest.fixture(scope="module")
def served(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The same folder once more, with its database running: as it is beside a running Recado."""
    folder = tmp_path_factory.mktemp("served") / "data"
    subprocess.run(["/bin/cp", "-a", home, folder], check=True)  # noqa: S603 - with its owners
    server = EmbeddedPostgres(folder)
    server.start()
    yield folder
    server.stop()


def is_one_sentence(done: subprocess.CompletedProcess[str]) -> bool:
    """An expected trouble: told in one line, without a traceback, and not as a success."""
    lines = done.stderr.strip().splitlines()
    return done.returncode not in {0, None} and len(lines) == 1 and "Traceback" not in lines[0]


def test_setup_ends_with_one_line_of_json(home: Path) -> None:
    told = json.loads((home.parent / "setup.json").read_text().splitlines()[-1])
    assert set(told) == {"account_id", "user_id", "token"}
    assert (told["account_id"], told["user_id"]) == (1, 1)
    assert len(told["token"]) > 20
    assert postgres_of(home) == []


def test_the_same_person_is_not_set_up_twice(served: Path) -> None:
    done = fork_recado(served, *SETUP)
    assert is_one_sentence(done), done.stderr
    assert "a@b.example" in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("--email", "nobody", "--password", "correct horse", "--account", "A"), "--email"),
        (("--email", "b@b.example", "--password", "short", "--account", "A"), "--password"),
        (("--email", "b@b.example", "--password", "correct horse", "--account", " "), "--account"),
        ((*SETUP[1:], "--time-zone", "Mars"), "--time-zone"),
    ],
)
def test_setup_says_which_option_is_wrong(
    served: Path, arguments: tuple[str, ...], named: str
) -> None:
    done = fork_recado(served, "setup", *arguments)
    assert is_one_sentence(done), done.stderr
    assert done.stderr.startswith(named)


def test_everything_works_beside_a_running_server(home: Path) -> None:
    with Running(home, "up") as server:
        server.until_ready()
        assert server.get("/api")["version"] == __version__
        assert "setup?token" not in server.said  # somebody has set it up already
        done = fork_recado(home, *SETUP[:2], "beside@b.example", *SETUP[3:])
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout.splitlines()[-1])["account_id"] == 2
        done = fork_recado(home, "doctor")
        assert done.returncode == 0, done.stdout
        assert len(done.stdout.splitlines()) == done.stdout.count("ok  ")
        second = fork_recado(home, "up", "--port", str(free_port()))
        assert is_one_sentence(second), second.stderr
        assert "Another Recado" in second.stderr
        assert server.get("/api")["data_services"] == "ok"
        assert server.stop(signal.SIGTERM) == 0
        assert "Traceback" not in server.complained
    assert postgres_of(home) == []


def test_ctrl_c_ends_everything_with_the_database_last(
    home: Path, record_property: Callable[[str, object], None]
) -> None:
    started = time.monotonic()
    with Running(home, "up") as server:
        server.until_ready()
        record_property("a second start took", f"{time.monotonic() - started:.1f} s (budget: 4)")
        assert server.stop(signal.SIGINT) == 0
        assert "Traceback" not in server.complained
    assert postgres_of(home) == []


def test_a_stop_while_it_starts_leaves_nothing_behind(home: Path) -> None:
    with Running(home, "up") as server:
        until(lambda: postgres_of(home) or server.process.poll() is not None, seconds=START_SECONDS)
        server.stop()
        assert "Traceback" not in server.complained
    assert postgres_of(home) == []


def test_a_database_left_behind_by_a_kill_is_taken_over(home: Path) -> None:
    with Running(home, "up") as server:
        server.until_ready()
        server.kill()
    [orphan] = postgres_of(home)
    with Running(home, "up") as server:
        server.until_ready()
        assert postgres_of(home) == [orphan]
        assert server.stop() == 0
    assert postgres_of(home) == []


def test_web_and_worker_are_two_processes_on_one_folder(home: Path) -> None:
    with Running(home, "web") as web:
        web.until_ready()
        with Running(home, "worker") as worker:
            worker.until_ready()
            assert worker.stop() == 0
        assert web.get("/api")["queue_services"] == "ok"
        assert web.stop() == 0
    assert postgres_of(home) == []


def test_migrate_twice_does_nothing_more(home: Path) -> None:
    for _ in range(2):
        done = fork_recado(home, "migrate")
        assert (done.returncode, done.stdout) == (0, "The tables are up to date.\n")


def test_a_second_demo_is_refused_in_one_sentence(home: Path) -> None:
    with socket.socket() as taken:
        with suppress(OSError):  # somebody's demo has it already
            taken.bind(("127.0.0.1", RECEIVER_PORT))
            taken.listen()
        done = fork_recado(home, "demo", "--port", str(free_port()))
        assert is_one_sentence(done), done.stderr
        assert f"port {RECEIVER_PORT}" in done.stderr


def test_a_port_in_use_is_one_sentence(home: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = fork_recado(home, "up", "--port", port)
    assert is_one_sentence(done), done.stderr
    assert port in done.stderr
    assert "--port" in done.stderr
    assert postgres_of(home) == []


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({"RECADO_PORT": "many"}, "RECADO_PORT"),
        ({"RECADO_HOST": "300.1.2.3"}, "300.1.2.3"),
        ({"RECADO_HOST": "a..b"}, "a..b"),
        ({"RECADO_DATA_DIR": "/proc/recado"}, "/proc/recado"),
        ({"RECADO_DATA_DIR": __file__ + "/data"}, "cannot be written"),
        ({"DATABASE_URL": "postgresql://u:hunter2@127.0.0.1:1/r"}, "does not answer"),
        ({"DATABASE_URL": "mysql://u:hunter2@db/r"}, "DATABASE_URL"),
        ({"DATABASE_URL": "postgresql://u:hunter2@db:port/r"}, "DATABASE_URL"),
        ({"RECADO_SECRET_KEY": "short"}, "RECADO_SECRET_KEY"),
        ({"RECADO_SECRET_KEY_FILE": "/nowhere"}, "RECADO_SECRET_KEY_FILE"),
        ({"RECADO_CA_FILE": __file__}, "RECADO_CA_FILE"),
        ({"RECADO_ALLOWED_NETWORKS": "all"}, "RECADO_ALLOWED_NETWORKS"),
    ],
)
def test_what_cannot_work_is_one_sentence(home: Path, values: dict[str, str], named: str) -> None:
    others = {"RECADO_PORT": str(free_port())} | values
    folder = Path(others.pop("RECADO_DATA_DIR", home))
    done = fork_recado(folder, "up", **others)
    assert is_one_sentence(done), done.stderr
    assert named in done.stderr
    assert "hunter2" not in done.stderr


@pytest.mark.parametrize("command", ["migrate", "setup", "doctor", "worker", "web"])
def test_a_database_that_does_not_answer_is_one_sentence_everywhere(
    home: Path, command: str
) -> None:
    arguments = SETUP if command == "setup" else (command,)
    port = str(free_port())
    done = fork_recado(
        home, *arguments, DATABASE_URL="postgresql://db@127.0.0.1:1/r", RECADO_PORT=port
    )
    assert is_one_sentence(done), done.stderr
    assert "127.0.0.1:1" in done.stderr


@pytest.mark.parametrize(
    ("error", "is_told"),
    [
        (DatabaseAway("no answer within 10 seconds"), True),
        (PoolTimeout("no connection is free"), True),
        (asyncpg.DiskFullError("no space left"), True),
        (TimeoutError(), False),  # of something that a command does beside the database
        (ConnectionRefusedError(111, "refused"), False),
    ],
)
def test_only_the_databases_troubles_are_told_as_such(error: Exception, is_told: bool) -> None:
    assert isinstance(error, DATABASE_TROUBLE) is is_told


def test_rules_go_to_a_file_and_come_from_one(served: Path, tmp_path: Path) -> None:
    file = tmp_path / "rules.yaml"
    file.write_text("\ufeff" + json.dumps({"custom_actions": [ACTION], "macros": []}))
    planned = fork_recado(served, "rules", "plan", "--account", "1", "--file", str(file))
    assert planned.returncode == 0, planned.stderr
    assert planned.stdout.splitlines() == [
        "  “macros” is not read here.",
        "+ create custom action “CRM”",
        "1 to change; nothing was changed yet.",
    ]
    assert (
        fork_recado(served, "rules", "apply", "--account", "1", "--file", str(file)).returncode == 0
    )
    assert (
        fork_recado(served, "rules", "export", "--account", "1", "--file", str(file)).returncode
        == 0
    )
    assert "body: |-\n    {\n" in file.read_text()
    again = fork_recado(served, "rules", "plan", "--account", "1", "--file", str(file))
    assert again.stdout.splitlines()[0] == "= same custom action “CRM”"
    file.write_text("{")
    assert is_one_sentence(
        fork_recado(served, "rules", "plan", "--account", "1", "--file", str(file))
    )


def test_a_file_of_rules_that_calls_inside_is_refused_as_on_the_page(
    served: Path, tmp_path: Path
) -> None:
    file = tmp_path / "rules.json"
    calls = {"action_name": "send_webhook_event", "action_params": ["http://10.0.0.5/hook"]}
    asks = {"attribute_key": "content", "filter_operator": "contains", "values": ["help"]}
    rule = {"name": "Tell", "event_name": "message_created", "conditions": [asks]}
    rule["actions"] = [calls]
    file.write_text(json.dumps({"automation_rules": [rule]}))
    for act in ("plan", "apply"):
        refused = fork_recado(served, "rules", act, "--account", "1", "--file", str(file))
        assert refused.returncode == 1
        assert "Recado may not call this address: it is not on the public" in refused.stdout
    allowed = {"RECADO_ALLOWED_NETWORKS": "10.0.0.0/8"}
    assert (
        fork_recado(
            served, "rules", "plan", "--account", "1", "--file", str(file), **allowed
        ).returncode
        == 0
    )


ACTION = {"name": "CRM", "url": "https://crm.example/contacts", "body": '{\n  "a": 1\n}'}


def test_the_demo_leaves_a_folder_with_accounts_alone(served: Path) -> None:
    done = fork_recado(served, "demo", "--fill-only")
    assert is_one_sentence(done), done.stderr
    assert "--data-dir" in done.stderr
    assert fork_recado(served, "new-password", "--email", "demo@recado.example").returncode == 1


async def test_a_key_that_does_not_fit_the_stored_secrets_stops_the_start(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    done = fork_recado(folder, "demo", "--fill-only")
    assert done.returncode == 0, done.stderr
    key = (folder / "secret.key").read_text()
    server = EmbeddedPostgres(folder)
    server.start()
    given = {"DATABASE_URL": server.url, "RECADO_PORT": str(free_port())}
    try:
        (folder / "secret.key").write_text("x" * 64)  # the token of an inbox is stored
        assert fork_recado(folder, "doctor", **given).returncode == 1
        (folder / "secret.key").write_text(key)
        await _store_a_secret(folder, given)
        (folder / "secret.key").write_text("x" * 64)
        done = fork_recado(folder, "up", **given)
        assert is_one_sentence(done), done.stderr
        assert "The key does not fit" in done.stderr
        assert fork_recado(folder, "doctor", **given).returncode == 1
        (folder / "secret.key").write_text(key)
        assert fork_recado(folder, "doctor", **given).returncode == 0
        made = fork_recado(folder, "new-password", "--email", "demo@recado.example", **given)
        assert "/new-password?token=" in made.stdout
        unknown = ("new-password", "--email", "nobody@acme.example")
        assert is_one_sentence(fork_recado(folder, *unknown, **given))
    finally:
        server.stop()
    (folder / "secret.key").write_text("x" * 64)
    done = fork_recado(folder, "up", RECADO_PORT=str(free_port()))
    assert is_one_sentence(done), done.stderr
    assert "The key does not fit" in done.stderr
    assert fork_recado(folder, "forget-secrets").stdout.startswith("Removed 1 ")
    assert fork_recado(folder, "doctor").returncode == 0
    (folder / "secret.key").write_text("")
    done = fork_recado(folder, "up", RECADO_PORT=str(free_port()))
    assert is_one_sentence(done), done.stderr
    assert "secret.key" in done.stderr


async def _store_a_secret(folder: Path, given: dict[str, str]) -> None:
    settings = read_settings({"RECADO_DATA_DIR": str(folder)} | given)
    async with (
        open_database(given["DATABASE_URL"], settings) as database,
        database.transaction() as tx,
    ):
        vault, now = open_vault(settings), datetime.now(UTC)
        await keep_secret(tx, 1, "sesame", vault=vault, lane="https://a:443", now=now)


def test_the_version_and_the_help_need_no_database(tmp_path: Path) -> None:
    assert recado(tmp_path / "none", "--version").stdout == f"Recado {__version__}\n"
    assert "doctor" in fork_recado(tmp_path / "none", "--help").stdout
    assert not (tmp_path / "none").exists()


@pytest.mark.skipif(not can_become_nobody(), reason="only root can become somebody else")
def test_it_runs_as_an_ordinary_user_too() -> None:
    with tempfile.TemporaryDirectory() as place:
        Path(place).chmod(0o755)
        folder = Path(place) / "data"
        folder.mkdir()
        nobody = pwd.getpwnam("nobody")
        os.chown(folder, nobody.pw_uid, nobody.pw_gid)
        done = recado(folder, *SETUP, before=AS_NOBODY, HOME=place)
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout.splitlines()[-1])["account_id"] == 1
        with Running(folder, "up", before=AS_NOBODY, HOME=place) as server:
            server.until_ready()
            assert (folder / "secret.key").stat().st_uid == nobody.pw_uid
            assert (folder / "postgres").stat().st_uid == nobody.pw_uid
            assert server.stop() == 0
        assert postgres_of(folder) == []
        refused = recado(Path(place) / "other", "doctor", before=AS_NOBODY, HOME=place)
        assert is_one_sentence(refused), refused.stderr
        assert "cannot be written" in refused.stderr
