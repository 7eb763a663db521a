"""Curl commands as people paste them."""

import shlex
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recado.lib.curl import as_curl
from recado.lib.curl_reading import CurlRequest, read_curl
from recado.lib.languages import Sentence
from recado.lib.outcomes import Request, RequestHeader
from recado.lib.shell_words import shell_words


def read(command: str) -> CurlRequest:
    made = read_curl(command)
    assert isinstance(made, CurlRequest), made
    return made


@pytest.mark.parametrize(
    ("command", "method", "url", "body"),
    [
        ("curl https://a.example/x", "GET", "https://a.example/x", None),
        ("  $ curl https://a.example/x", "GET", "https://a.example/x", None),  # with the prompt
        ("curl a.example/x", "GET", "http://a.example/x", None),  # as curl does
        ("curl -XPUT https://a.example", "PUT", "https://a.example", None),
        ("curl -X delete https://a.example", "DELETE", "https://a.example", None),
        ("curl --request=PATCH https://a.example", "PATCH", "https://a.example", None),
        ("curl -I https://a.example", "HEAD", "https://a.example", None),
        ("curl https://a.example -d a=1", "POST", "https://a.example", "a=1"),
        ("curl https://a.example -da=1 -d b=2", "POST", "https://a.example", "a=1&b=2"),
        ("curl https://a.example --data-raw '@a'", "POST", "https://a.example", "@a"),
        ("curl https://a.example --data-binary $'a\\nb'", "POST", "https://a.example", "a\nb"),
        ("curl https://a.example --data-ascii x", "POST", "https://a.example", "x"),
        ("curl https://a.example --data-urlencode 'q=a b&c'", "POST", "https://a.example", "q=a+b%26c"),
        ("curl https://a.example --data-urlencode 'a b'", "POST", "https://a.example", "a+b"),
        ("curl https://a.example --data-urlencode '=a b'", "POST", "https://a.example", "a+b"),
        ("curl -G https://a.example -d a=1 --data-urlencode 'b=c d'", "GET", "https://a.example?a=1&b=c+d", None),
        ("curl -G 'https://a.example?z=0' -d a=1", "GET", "https://a.example?z=0&a=1", None),
        ("curl --json '{\"a\":1}' https://a.example", "POST", "https://a.example", '{"a":1}'),
        ("curl --url https://a.example --url-query a=1", "GET", "https://a.example?a=1", None),
        ("curl https://a.example/x?a=1&b=2", "GET", "https://a.example/x?a=1&b=2", None),  # no quotes
        ("curl -sSLk -X POST https://a.example", "POST", "https://a.example", None),
        ("curl \\\n  -X POST \\\r\n  https://a.example", "POST", "https://a.example", None),
        ("curl 'https://a.example/#part'", "GET", "https://a.example/", None),
        ("/usr/bin/curl https://a.example", "GET", "https://a.example", None),
        ("curl -o out.json -m 5 https://a.example", "GET", "https://a.example", None),
        ("curl -d '' https://a.example", "POST", "https://a.example", ""),
        ("curl -- https://a.example", "GET", "https://a.example", None),
        ("curl https://a.example -d 'a' # and why", "POST", "https://a.example", "a"),
        ("curl https://a.example -d \"a\\\"b\\$c\\n\"", "POST", "https://a.example", 'a"b$c\\n'),
        ("curl https://a.example -d 'it'\\''s'", "POST", "https://a.example", "it's"),
        ("curl https://a.example -d $'it\\'s \\u00e9 \\xc3\\xa9 \\041'", "POST", "https://a.example", "it's é é !"),
    ],
)  # fmt: skip
def test_what_a_command_sends(command: str, method: str, url: str, body: str | None) -> None:
    made = read(command)
    assert (made.method, made.url, made.body) == (method, url, body)


@pytest.mark.parametrize(
    ("options", "headers"),
    [
        ("-H 'X-A: 1' -H'X-B:2'", [("X-A", "1"), ("X-B", "2")]),
        ("--header 'X-A: a: b'", [("X-A", "a: b")]),
        ("-H 'X-A;'", [("X-A", "")]),  # an empty header
        ("-H 'X-A:'", []),  # takes one of curl's own away
        ("-A me -e https://b.example", [("User-Agent", "me"), ("Referer", "https://b.example")]),
        ("-b 'a=1; b=2'", [("Cookie", "a=1; b=2")]),
        ("-H 'Content-Length: 3' -H 'Host: b' -H 'Accept-Encoding: gzip'", []),  # the connection's
        ("--json 1", [("Content-Type", "application/json"), ("Accept", "application/json")]),
        ("--json 1 -H 'accept: x/y'", [("accept", "x/y"), ("Content-Type", "application/json")]),
    ],
)
def test_headers(options: str, headers: list[tuple[str, str]]) -> None:
    assert read(f"curl https://a.example {options}").headers == headers


@pytest.mark.parametrize(
    ("command", "user"),
    [
        ("curl -u ana:s3c:ret https://a.example", "ana:s3c:ret"),
        ("curl --user ana https://a.example", "ana"),
        ("curl https://ana:s%40@a.example/x", "ana:s@"),
    ],
)
def test_users(command: str, user: str) -> None:
    made = read(command)
    assert made.user == user
    assert "@" not in made.url


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("curl -k https://a.example", "--insecure: Certificates are always checked."),
        ("curl -L https://a.example", "--location: Redirects are not followed"),
        ("curl -F a=@b https://a.example", "--form: Forms with files"),
        ("curl -x p:1 https://a.example", "--proxy was left out."),
        ("curl --frobnicate https://a.example", "--frobnicate was left out."),
        ("curl -d @body.json https://a.example", "The body stands in a file (@body.json)"),
        ("curl --data-urlencode a@b https://a.example", "The body stands in a file (a@b)"),
        ("curl -b jar.txt https://a.example", "--cookie was left out."),
        ('curl -H "X: $TOKEN" https://a.example', "$TOKEN is a variable of your shell"),
        ("curl https://a.example/${ID}", "${ID} is a variable of your shell"),
        ("curl https://a.example | jq .", "What follows the command was left out: | jq ."),
        ("curl https://a.example && rm -rf /", "What follows the command was left out: && rm"),
        ("curl https://a.example; curl b", "What follows the command was left out: ; curl b"),
    ],
)
def test_what_is_not_taken_over_is_said(command: str, words: str) -> None:
    assert any(words in str(one) for one in read(command).notes)


def test_what_only_shows_or_fetches_is_not_worth_a_word() -> None:
    assert read("curl -sSvif --compressed -w '%{http_code}' -o x https://a.example").notes == []


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("", "begins with curl"),
        ("wget https://a.example", "begins with curl"),
        ("curl", "no address"),
        ("curl -X POST", "no address"),
        ("curl 'https://a.example", "never closed"),
        ('curl "https://a.example', "never closed"),
        ("curl $'https://a.example", "never closed"),
        ('curl "https://a.example" ^\n  -H "A: b"', "Windows"),
        ('curl -d "{^\\^"a^\\^":1}" https://a.example', "Windows"),
        ("curl https://a.example `\n -H 'a: b'", "PowerShell"),
        ("curl https://a.example -d " + "a" * 600_000, "too long"),
    ],
)
def test_what_cannot_be_read_says_why(command: str, words: str) -> None:
    made = read_curl(command)
    assert isinstance(made, Sentence)
    assert words in str(made)


_texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=60)


@given(words=st.lists(_texts, min_size=1, max_size=5))
@settings(max_examples=60, deadline=None)
def test_quoted_words_come_back_as_a_shell_has_them(words: list[str]) -> None:
    assert shell_words(shlex.join(words)).words == words


@given(text=_texts)
@settings(max_examples=150, deadline=None)
def test_nothing_that_is_pasted_breaks_the_reader(text: str) -> None:
    assert isinstance(read_curl("curl " + text), CurlRequest | Sentence)


@given(body=_texts, value=st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1))
@settings(max_examples=60, deadline=None)
def test_what_we_write_we_read(body: str, value: str) -> None:
    request = Request("PUT", "https://a.example/x?y=%20", (RequestHeader("X-A", value),), body)
    made = read(as_curl(request))
    assert (made.method, made.url, made.body) == ("PUT", "https://a.example/x?y=%20", body)
    assert made.headers == [("X-A", value)]
    assert made.notes == []


@pytest.mark.parametrize(
    "quoted",
    [r"$'a\x41\n\t\u00e9\101\\\'\"'", r'"a\"b\\c\`d"', r"a\ b\'c", "'a'\"b\"c", r'"a\nb"', "''"],
)
def test_quotes_mean_what_bash_means(quoted: str) -> None:
    command = ["/bin/bash", "-c", f"printf %s {quoted}"]
    told = subprocess.run(command, capture_output=True, check=True).stdout  # noqa: S603
    assert shell_words(quoted).words == [told.decode()]
