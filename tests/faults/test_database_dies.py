"""The embedded database dies under a running Recado: it comes back by itself, with everything."""

import http.client
import json
import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.faults.processes import Running, postgres_of, until
from tests.faults.ready import copy_what_is_set_up

pytestmark = pytest.mark.faults
_FILL = "filling"


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 200 MB, where that can be had."""
    place = tmp_path / "disk"
    place.mkdir()
    command = ["/usr/bin/mount", "-t", "tmpfs", "-o", "size=200m,mode=755", "tmpfs", str(place)]
    if os.geteuid() != 0 or subprocess.run(command, check=False, capture_output=True).returncode:  # noqa: S603
        pytest.skip("only root can make a small disk, and not everywhere")
    yield place
    subprocess.run(["/usr/bin/umount", "-l", str(place)], check=True)  # noqa: S603


def _is_answering(server: Running) -> bool:
    with suppress(OSError, http.client.HTTPException, json.JSONDecodeError):
        return bool(server.get("/api")["data_services"] == "ok")
    return False


def _add_label(server: Running, token: str, title: str) -> int:
    """The status that the API answers; 0 for none."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    headers = {"Api-Access-Token": token, "Content-Type": "application/json"}
    try:
        body = json.dumps({"title": title})
        connection.request("POST", "/api/v1/accounts/1/labels", body, headers)
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()


def _labels(server: Running, token: str) -> set[str]:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    connection.request("GET", "/api/v1/accounts/1/labels", headers={"Api-Access-Token": token})
    told = json.loads(connection.getresponse().read())
    connection.close()
    return {one["title"] for one in told["payload"]}


def test_a_killed_database_is_started_again(tmp_path: Path) -> None:
    token = copy_what_is_set_up(tmp_path / "data")
    with Running(tmp_path / "data", "up") as server:
        server.until_ready()
        assert _add_label(server, token, "before") == 200
        [first] = postgres_of(tmp_path / "data")
        os.kill(first, signal.SIGKILL)
        until(lambda: postgres_of(tmp_path / "data") not in ([], [first]), seconds=60)
        until(lambda: _is_answering(server), seconds=60)
        assert "started again" in server.complained
        assert _add_label(server, token, "after") == 200
        assert _labels(server, token) == {"before", "after"}
        assert server.stop() == 0
    assert postgres_of(tmp_path / "data") == []


def test_a_full_disk_loses_nothing_that_was_acknowledged(small_disk: Path) -> None:
    folder = small_disk / "data"
    token = copy_what_is_set_up(folder)
    kept = {"before"}
    with Running(folder, "up") as server:
        server.until_ready()
        assert _add_label(server, token, "before") == 200
        (small_disk / _FILL).touch()
        with suppress(OSError), (small_disk / _FILL).open("wb", buffering=0) as filling:
            while True:
                filling.write(bytes(1 << 16))
        for number in range(400):
            title = f"label-{number}-" + "x" * 60
            status = _add_label(server, token, title)
            if status != 200:
                break
            kept.add(title)
        print(f"\nfull after {len(kept)} labels, then {status}")  # noqa: T201
        assert status == 0 or status >= 500
        (small_disk / _FILL).unlink()
        until(lambda: _add_label(server, token, "room-again") in {200, 422}, seconds=120)
        assert kept <= _labels(server, token)
        assert server.stop() == 0
