"""Requests as curl commands."""

import shlex
import subprocess

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from recado.lib.curl import as_curl
from recado.lib.outcomes import Request, RequestHeader


def test_a_request_reads_as_a_command() -> None:
    request = Request(
        "POST",
        "https://crm.example.com/contacts?q=a%20b",
        (
            RequestHeader("Content-Type", "application/json"),
            RequestHeader("Authorization", "Bearer ", 5),
        ),
        '{"name": "D\'Ávila"}\n',
    )
    assert as_curl(request) == (
        "curl --request POST \\\n"
        "  --url 'https://crm.example.com/contacts?q=a%20b' \\\n"
        "  --header 'Content-Type: application/json' \\\n"
        "  --header 'Authorization: Bearer ••••' \\\n"
        '  --data-binary \'{"name": "D\'"\'"\'Ávila"}\n\''
    )


@pytest.mark.parametrize(
    ("request_", "option"),
    [
        (Request("GET", "https://x.com/[1]"), "--globoff"),  # not three URLs
        (Request("GET", "https://x.com/", (RequestHeader("X-A", ""),)), "X-A;"),  # not removed
        (Request("POST", "https://x.com/", (), "@/etc/passwd"), "--data-raw"),  # not the file
        (Request("POST", "https://x.com/", (), ""), "--data-binary"),  # an empty body is a body
    ],
)
def test_curls_own_signs_are_taken_as_they_are(request_: Request, option: str) -> None:
    assert option in shlex.split(as_curl(request_))


def test_no_body_is_no_data() -> None:
    assert "--data" not in as_curl(Request("DELETE", "https://x.com/"))


@given(body=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00")))
@settings(max_examples=40, deadline=None)
@example(body="'; exit 1 #\\\n$(exit 1)`exit 1`\r\n")
def test_a_shell_reads_the_body_as_it_was(body: str) -> None:
    command = as_curl(Request("POST", "https://x.com/$(id)", (), body))
    printing = command.replace("curl", "printf '%s\\0'", 1)
    shell = subprocess.run(["/bin/sh", "-c", printing], capture_output=True, check=True)  # noqa: S603
    words = shell.stdout.decode().split("\0")
    assert words[:4] == ["--request", "POST", "--url", "https://x.com/$(id)"]
    assert words[5:] == [body, ""]
