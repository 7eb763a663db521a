"""Commands without the second that each start takes: a Recado that has imported everything and waits,
and forks itself for each order. And a data folder that somebody has set up already.

Such a fork is a process as any other: its own environment, output, signals and exit code. Only how Python
starts is not seen here: `recado` of processes.py shows that.
"""

import atexit
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from functools import cache
from pathlib import Path

from tests.faults.processes import ROOT, SETUP, environment

_ONE_AT_A_TIME = threading.Lock()


def fork_recado(data_dir: Path, *arguments: str, **values: str) -> subprocess.CompletedProcess[str]:
    """Run a command to its end, as `recado` does."""
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        wanted = {
            "arguments": arguments, "environment": environment(data_dir, **values),
            "out": out.fileno(), "err": err.fileno(), "of": os.getpid(),
        }  # fmt: skip
        with _ONE_AT_A_TIME:
            waiting = _waiting()
            assert waiting.stdin is not None
            assert waiting.stdout is not None
            waiting.stdin.write(json.dumps(wanted) + "\n")
            waiting.stdin.flush()
            code = int(waiting.stdout.readline())
        out.seek(0)
        err.seek(0)
        return subprocess.CompletedProcess(arguments, code, out.read(), err.read())


def copy_what_is_set_up(data_dir: Path) -> str:
    """Have what `recado setup` makes in a new data folder; the token that it told."""
    data_dir.parent.mkdir(parents=True, exist_ok=True)
    made, token = _set_up()
    subprocess.run(["/bin/cp", "-a", made, data_dir], check=True)  # noqa: S603 - with its owners
    return token


@cache
def _set_up() -> tuple[Path, str]:
    place = Path(tempfile.mkdtemp(prefix="recado-tests-"))
    atexit.register(shutil.rmtree, place, ignore_errors=True)
    done = fork_recado(place / "data", *SETUP)
    assert done.returncode == 0, done.stderr
    return place / "data", str(json.loads(done.stdout.splitlines()[-1])["token"])


@cache
def _waiting() -> "subprocess.Popen[str]":
    """One for all tests of this process; it ends when its input does."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.faults.ready"], env=environment(ROOT), cwd=ROOT,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    atexit.register(process.communicate)
    return process


def _wait() -> None:
    """Fork for each line of the input; return in the fork, which is what was ordered by then."""
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            _become(**json.loads(line))
            return
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)  # noqa: T201
    sys.exit()


def _become(
    *, arguments: list[str], environment: dict[str, str], out: int, err: int, of: int
) -> None:
    os.environ.clear()
    os.environ.update(environment)
    sys.argv[1:] = arguments
    with Path(os.devnull).open() as nothing:
        os.dup2(nothing.fileno(), 0)
    for number, theirs in ((1, out), (2, err)):
        with Path(f"/proc/{of}/fd/{theirs}").open("a") as file:
            os.dup2(file.fileno(), number)


if __name__ == "__main__":
    from recado.__main__ import main

    _wait()
    main()
