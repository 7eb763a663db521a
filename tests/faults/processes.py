"""Recado as real processes: started, asked, stopped, killed."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Self

ROOT = Path(__file__).parent.parent.parent
START_SECONDS = 180.0  # a limit for machines that do much else


def environment(data_dir: Path, **values: str) -> dict[str, str]:
    """What a process sees: nothing that an operator has set for another Recado."""
    own = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("RECADO_", "DATABASE_URL", "COV_", "COVERAGE_", "PYTHON"))
    }
    compiled = str(Path(tempfile.gettempdir()) / "recado-tests-pycache")  # not beside the sources
    return own | {"RECADO_DATA_DIR": str(data_dir), "PYTHONPYCACHEPREFIX": compiled} | values


def recado(
    data_dir: Path, *arguments: str, before: Sequence[str] = (), **values: str
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    return subprocess.run(  # noqa: S603 - ourselves
        [*before, sys.executable, "-m", "recado", *arguments],
        env=environment(data_dir, **values), cwd=ROOT,
        capture_output=True, text=True, check=False, timeout=START_SECONDS,
    )  # fmt: skip


class Running:
    """`with Running(folder, "up") as server: ...`; whatever is left at the end is killed.

    Its output is in `folder`/<name>.out and .err.
    """

    def __init__(
        self,
        data_dir: Path,
        *arguments: str,
        name: str = "",
        before: Sequence[str] = (),
        **values: str,
    ) -> None:
        self.port = free_port()
        self.data_dir = data_dir
        stem = name or arguments[0]
        data_dir.mkdir(parents=True, exist_ok=True)
        self._out = data_dir.parent / f"{data_dir.name}-{stem}.out"
        self._err = self._out.with_suffix(".err")
        with self._out.open("ab") as out, self._err.open("ab") as err:
            self._told = out.tell()
            self.process = subprocess.Popen(  # noqa: S603 - ourselves
                [*before, sys.executable, "-m", "recado", *arguments],
                env=environment(data_dir, RECADO_PORT=str(self.port), **values),
                cwd=ROOT, stdout=out, stderr=err, stdin=subprocess.DEVNULL,
            )  # fmt: skip

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    @property
    def said(self) -> str:
        return self._out.read_text()[self._told :]

    @property
    def complained(self) -> str:
        return self._err.read_text()

    def until_said(self, words: str) -> None:
        """Return once it has said so; AssertionError with its complaints if it never does."""
        until(lambda: words in self.said or self.process.poll() is not None, seconds=START_SECONDS)
        assert words in self.said, self.complained

    def until_ready(self) -> None:
        self.until_said("Recado is ready" if self.is_web else "worker runs")

    @property
    def is_web(self) -> bool:
        return "worker" not in self.process.args  # type: ignore[operator]  # a list, as above

    def get(self, path: str) -> Any:
        """What a GET answers, as JSON."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        connection.request("GET", path)
        answer = connection.getresponse()
        told = json.loads(answer.read())
        connection.close()
        return told

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Ask it to stop, and return its exit code."""
        self.process.send_signal(number)
        return self.process.wait(40)

    def kill(self) -> None:
        """Kill it at once, and only it: its database server lives on."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            self.process.kill()
        self.process.wait()


def free_port() -> int:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        return int(server.getsockname()[1])


def until(condition: Callable[[], object], *, seconds: float = 20.0) -> None:
    """Wait for something to become true."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.02)


def postgres_of(data_dir: Path) -> list[int]:
    """The database servers that run on this folder."""
    folder = os.fsencode(data_dir / "postgres")
    return [
        int(process.name)
        for process in Path("/proc").iterdir()
        if process.name.isdigit() and folder in _command(process)
    ]


def _command(process: Path) -> list[bytes]:
    try:
        return (process / "cmdline").read_bytes().split(b"\0")
    except OSError:
        return []


def end_postgres(data_dir: Path) -> None:
    """Whatever a killed Recado left behind goes."""
    for pid in postgres_of(data_dir):
        os.kill(pid, signal.SIGINT)
    until(lambda: not postgres_of(data_dir))


SETUP = ("setup", "--email", "a@b.example", "--password", "correct horse", "--account", "Acme")

# Nobody, with nothing but the right to read this Python where only root may.
AS_NOBODY = (
    "/usr/bin/setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups",
    "--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search",
)  # fmt: skip


def can_become_nobody() -> bool:
    """Whether this is root, on a system with what it takes."""
    if os.geteuid() != 0 or not Path(AS_NOBODY[0]).exists():
        return False
    command = [*AS_NOBODY, sys.executable, "-c", ""]
    return subprocess.run(command, check=False, capture_output=True).returncode == 0  # noqa: S603
