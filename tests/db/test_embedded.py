"""The embedded server: started once, taken over, never another's."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from recado.db import embedded
from recado.db.embedded import DataFolderInUse, EmbeddedError, EmbeddedPostgres


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One data folder for this file: making one takes a second."""
    return tmp_path_factory.mktemp("data")


@pytest.fixture
def server(folder: Path) -> Iterator[EmbeddedPostgres]:
    made = EmbeddedPostgres(folder)
    made.start()
    yield made
    made.stop()


def pid_of(folder: Path) -> int:
    return int((folder / "postgres" / "postmaster.pid").read_text().splitlines()[0])


def is_alive(pid: int) -> bool:
    """Whether the process runs; one that only waits to be buried does not."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes() != b""
    except OSError:
        return False


def ends(pid: int) -> bool:
    """Whether it is gone, now or a moment after it has put its file away."""
    return holds(lambda: not is_alive(pid))


def holds(condition: Callable[[], bool]) -> bool:
    for _ in range(500):
        if condition():
            return True
        time.sleep(0.01)
    return False


def test_it_starts_and_stops(folder: Path) -> None:
    server = EmbeddedPostgres(folder)
    server.start()
    assert server.is_running
    pid = pid_of(folder)
    server.stop()
    assert not server.is_running
    assert ends(pid)
    server.stop()  # twice is no mistake


def test_a_stop_before_the_server_has_its_file_ends_it(server: EmbeddedPostgres) -> None:
    server.stop()
    server._lock = embedded._lock(server._data_dir)
    server._launch()
    server.stop()
    assert server._process is not None
    assert server._process.returncode is not None


def test_a_stop_in_the_middle_of_the_launch_waits_until_the_process_is_known(
    server: EmbeddedPostgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Stopped(subprocess.Popen[bytes]):
        def __init__(self, *arguments: object, **options: object) -> None:
            super().__init__(*arguments, **options)  # type: ignore[call-overload]
            signal.pthread_kill(threading.get_ident(), signal.SIGTERM)

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    server.stop()
    server._lock = embedded._lock(server._data_dir)
    before = signal.signal(signal.SIGTERM, stop)
    monkeypatch.setattr(embedded.subprocess, "Popen", Stopped)
    try:
        with pytest.raises(KeyboardInterrupt):
            server._launch()
    finally:
        signal.signal(signal.SIGTERM, before)
    server.stop()
    assert server._process is not None
    assert server._process.returncode is not None


def test_only_its_owner_can_open_the_socket(server: EmbeddedPostgres, folder: Path) -> None:
    assert server.is_running
    assert (folder / "socket").stat().st_mode & 0o077 == 0
    assert (folder / "postgres").stat().st_mode & 0o077 == 0


def test_a_second_recado_on_the_folder_is_refused(server: EmbeddedPostgres, folder: Path) -> None:
    second = EmbeddedPostgres(folder)
    with pytest.raises(DataFolderInUse, match="Another Recado"):
        second.start()
    second.stop()  # must not stop what is not its own
    assert server.is_running


def test_a_server_left_behind_is_taken_over(folder: Path) -> None:
    script = (
        "import os; from pathlib import Path; from recado.db.embedded import EmbeddedPostgres;"
        f"EmbeddedPostgres(Path({str(folder)!r})).start(); os.kill(os.getpid(), 9)"
    )
    done = subprocess.run([sys.executable, "-c", script], check=False)  # noqa: S603
    assert done.returncode == -signal.SIGKILL
    orphan = pid_of(folder)
    server = EmbeddedPostgres(folder)
    server.start()
    assert pid_of(folder) == orphan
    server.stop()
    assert ends(orphan)


def test_a_killed_server_starts_again(folder: Path) -> None:
    server = EmbeddedPostgres(folder)
    server.start()
    killed = pid_of(folder)
    os.kill(killed, signal.SIGKILL)
    server.stop()
    again = EmbeddedPostgres(folder)
    again.start()
    assert again.is_running
    assert pid_of(folder) != killed
    again.stop()


def test_a_pid_file_that_names_another_program_is_not_believed(folder: Path) -> None:
    bystander = subprocess.Popen(["/bin/sleep", "60"])
    try:
        pid_file = folder / "postgres" / "postmaster.pid"
        pid_file.write_text(f"{bystander.pid}\n{folder}/postgres\n0\n5432\n\n\n0 0\nready   \n")
        server = EmbeddedPostgres(folder)
        assert not server.is_running
        server.stop()
        assert bystander.poll() is None
    finally:
        bystander.kill()
        bystander.wait()
        pid_file.unlink()


def test_a_server_that_is_just_stopping_is_followed_by_a_new_one(folder: Path) -> None:
    server = EmbeddedPostgres(folder)
    server.start()
    os.kill(pid_of(folder), signal.SIGINT)
    assert holds(lambda: not server.is_running)  # it has heard, and is still going
    server._lock.close()  # type: ignore[union-attr]  # as if that process had died
    again = EmbeddedPostgres(folder)
    again.start()
    assert again.is_running
    server._process.wait()  # type: ignore[union-attr]
    time.sleep(0.1)
    assert again.is_running
    again.stop()


def test_a_folder_made_half_is_made_anew(tmp_path: Path) -> None:
    half = tmp_path / "postgres.unfinished"
    half.mkdir()
    (half / "PG_VERSION").write_text("18\n")  # initdb was killed after its first file
    server = EmbeddedPostgres(tmp_path)
    server.start()
    assert server.is_running
    server.stop()
    assert not half.exists()


def test_files_of_another_version_are_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "postgres").mkdir()
    (tmp_path / "postgres" / "PG_VERSION").write_text("15\n")
    server = EmbeddedPostgres(tmp_path)
    with pytest.raises(EmbeddedError, match="PostgreSQL 15"):
        server.start()
    server.stop()


def test_a_server_that_cannot_start_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded, "_MOST_LAUNCHES", 1)
    (tmp_path / "postgres").mkdir(mode=0o700)
    (tmp_path / "postgres" / "PG_VERSION").write_text("18\n")
    if os.geteuid() == 0:
        owner = embedded._server_user(tmp_path / "absent")
        os.chown(tmp_path / "postgres", owner.pw_uid, owner.pw_gid)
    server = EmbeddedPostgres(tmp_path)
    with pytest.raises(EmbeddedError, match=r"did not start.*postgres\.log"):
        server.start()
    server.stop()


@pytest.mark.parametrize("place", ["file/data", "/proc/recado"])
def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path, place: str) -> None:
    (tmp_path / "file").touch()
    server = EmbeddedPostgres(tmp_path / place)
    with pytest.raises(EmbeddedError, match="cannot be written"):
        server.start()
    server.stop()


def test_a_long_path_has_its_socket_elsewhere_and_its_own(tmp_path: Path) -> None:
    deep = tmp_path / ("a" * 60) / ("b" * 60)
    server = EmbeddedPostgres(deep)
    server.start()
    assert server.is_running
    server.stop()
    server._socket_dir.rmdir()


def test_a_socket_folder_of_somebody_else_is_refused(tmp_path: Path) -> None:
    deep = tmp_path / ("c" * 60) / ("d" * 60)
    server = EmbeddedPostgres(deep)
    server._socket_dir.mkdir(mode=0o777)
    server._socket_dir.chmod(0o777)
    try:
        with pytest.raises(EmbeddedError, match="does not belong to Recado alone"):
            server.start()
    finally:
        server._socket_dir.rmdir()
