"""The shell scripts that a newcomer's first `make` meets: one sentence for what is missing."""

import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
_NEEDED = ("sh", "id", "rm", "cat")  # and nothing that could install something


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """A folder that is the whole PATH."""
    for name in _NEEDED:
        found = next(p / name for p in (Path("/usr/bin"), Path("/bin")) if (p / name).exists())
        (tmp_path / name).symlink_to(found)
    return tmp_path


def _run(bare: Path, script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - our own script
        [str(ROOT / "tools" / script), *arguments],
        env={**os.environ, "PATH": str(bare)}, cwd=bare, capture_output=True, text=True, check=False,
    )  # fmt: skip


def _python(bare: Path, *, lacks: str) -> str:
    """A Python for which every check holds but the one that names `lacks`."""
    python = bare / "python-of-debian"
    python.write_text(
        f'#!/bin/sh\ncase "$*" in *{lacks}*) exit 1;; --version) echo Python 3.9;; esac\n'
    )
    python.chmod(0o755)
    return str(python)


def _is_one_sentence(done: subprocess.CompletedProcess[str], named: str) -> bool:
    return done.returncode != 0 and done.stderr.count("\n") == 1 and named in done.stderr


def test_debians_missing_venv_is_named(bare: Path) -> None:
    done = _run(bare, "environment", _python(bare, lacks="ensurepip"), str(bare / "venv"))
    assert _is_one_sentence(done, "apt-get install python3-venv"), done.stderr


def test_an_old_python_is_named(bare: Path) -> None:
    done = _run(bare, "environment", _python(bare, lacks="version_info"), str(bare / "venv"))
    assert _is_one_sentence(done, "3.11 or newer; this is Python 3.9"), done.stderr


def test_a_missing_python_is_named(bare: Path) -> None:
    done = _run(bare, "environment", "python9", str(bare / "venv"))
    assert _is_one_sentence(done, "apt-get install python3"), done.stderr


def test_a_missing_chromium_is_named(bare: Path) -> None:
    done = _run(bare, "browser")
    assert _is_one_sentence(done, "apt-get install chromium"), done.stderr
