"""A curl command read into a request: what people copy from documentation and browsers. Pure.

Nothing is run and no file is read. What cannot be taken over is named, never dropped in silence.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import quote, quote_plus, unquote

from recado.lib.headers import FRAMING_HEADERS
from recado.lib.languages import Sentence, say
from recado.lib.shell_words import Words, WordsUnreadable, shell_words

LONGEST_COMMAND: Final = 512 * 1024  # characters


@dataclass(slots=True)
class CurlRequest:
    """What a command would send. `user` is "name:password"; `notes` what was not taken over."""

    method: str = ""
    url: str = ""
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: str | None = None
    user: str | None = None
    bearer: str | None = None
    notes: list[Sentence] = field(default_factory=list)

    def header(self, name: str) -> str:
        """A header's value, by its name in lower case; empty where it is missing."""
        return next((value for one, value in self.headers if one.lower() == name), "")


def read_curl(text: str) -> CurlRequest | Sentence:
    """The request of a curl command, or a sentence that says why it cannot be read."""
    if len(text) > LONGEST_COMMAND:
        return say("The command is too long.")
    if re.search(r"\^[ \t]*\r?\n|\^\"", text):
        return say(
            "This command is written for the Windows command prompt. In the browser, copy it as cURL (bash), or write it with single quotes."
        )
    if re.search(r"`[ \t]*\r?\n", text):
        return say(
            "This command is written for PowerShell. In the browser, copy it as cURL (bash), or write it with single quotes."
        )
    try:
        found = shell_words(text.strip().removeprefix("$ "))
    except WordsUnreadable:
        return say("A quotation mark in the command is never closed.")
    if not found.words or not re.fullmatch(r"(.*[/\\])?curl(\.exe)?", found.words[0]):
        return say("Paste a command that begins with curl.")
    return _Reading(found).read()


# What an option means, and whether a value follows it.
_NAMES: Final = {
    "X": "request", "H": "header", "d": "data", "u": "user", "G": "get", "I": "head",
    "A": "user-agent", "e": "referer", "b": "cookie", "F": "form", "T": "upload-file",
    "k": "insecure", "L": "location", "x": "proxy", "E": "cert", "o": "output", "w": "write-out",
    "m": "max-time", "s": "silent", "S": "show-error", "v": "verbose", "i": "include", "f": "fail",
    "g": "globoff", "N": "no-buffer", "q": "disable", "#": "progress-bar", "O": "remote-name",
    "J": "remote-header-name", "c": "cookie-jar", "K": "config", "D": "dump-header",
    "0": "http1.0", "4": "ipv4", "6": "ipv6", "r": "range", "z": "time-cond", "n": "netrc",
    "j": "junk-session-cookies", "C": "continue-at", "t": "telnet-option", "U": "proxy-user",
    "Y": "speed-limit", "y": "speed-time", "Q": "quote", "P": "ftp-port", "Z": "parallel",
}  # fmt: skip
_WITH_VALUE: Final = frozenset(["request", "header", "data", "data-ascii", "data-raw", "data-binary", "data-urlencode", "json", "user", "user-agent", "referer", "cookie", "form", "form-string", "upload-file", "proxy", "cert", "key", "cacert", "capath", "output", "write-out", "max-time", "connect-timeout", "retry", "retry-delay", "retry-max-time", "cookie-jar", "config", "dump-header", "range", "time-cond", "continue-at", "telnet-option", "proxy-user", "speed-limit", "speed-time", "quote", "ftp-port", "url", "url-query", "oauth2-bearer", "resolve", "interface", "limit-rate", "ciphers", "pass", "cert-type", "key-type", "aws-sigv4", "unix-socket", "stderr", "trace", "trace-ascii", "max-redirs", "proto", "dns-servers", "connect-to", "tls-max", "variable", "expand-data", "expand-header", "noproxy", "max-filesize", "output-dir"])  # fmt: skip
# About how curl shows or fetches, not about the request.
_MEANS_NOTHING: Final = frozenset(["silent", "show-error", "verbose", "include", "fail", "fail-with-body", "globoff", "no-buffer", "disable", "progress-bar", "output", "write-out", "compressed", "http1.1", "http2", "tlsv1.2", "tlsv1.3", "remote-name", "remote-header-name", "dump-header", "stderr", "trace", "trace-ascii", "path-as-is", "no-progress-meter", "ipv4", "ipv6", "no-keepalive", "output-dir"])  # fmt: skip
_DATA: Final = ("data", "data-ascii", "data-raw", "data-binary", "data-urlencode", "json")
_FIELDS: Final = {"request": "method", "user": "user", "oauth2-bearer": "bearer"}
_HEADERS: Final = {
    "header": "", "user-agent": "User-Agent: ", "referer": "Referer: ", "cookie": "Cookie: ",
}  # fmt: skip
_WHY_NOT: Final = {
    "insecure": say("Certificates are always checked."),
    "location": say("Redirects are not followed: enter the final address."),
    "form": say("Forms with files (multipart) cannot be sent."),
    "form-string": say("Forms with files (multipart) cannot be sent."),
    "upload-file": say("Files cannot be sent."),
    "cert": say("Enter the client certificate under Authentication."),
    "key": say("Enter the client certificate under Authentication."),
    "max-time": say("How long a call may take is set for the whole server."),
    "connect-timeout": say("How long a call may take is set for the whole server."),
    "retry": say("When it is tried again stands under “How it is sent”."),
}


class _Reading:
    def __init__(self, found: Words) -> None:
        self._words = iter(found.words[1:])
        self._found = found
        self._made = CurlRequest()
        self._data: list[str] = []
        self._query: list[str] = []
        self._is_json = self._is_get = self._is_head = False

    def read(self) -> CurlRequest | Sentence:
        for name, value in self._options():
            self._take(name, value)
        if not self._made.url:
            return say("The command has no address.")
        self._note_shell()
        self._finish()
        return self._made

    def _options(self) -> Iterator[tuple[str, str]]:
        """Each option by its long name with its value; an address as "url"."""
        for word in self._words:
            if word == "--" or not word.startswith("-") or word == "-":
                yield "url", word
            elif word.startswith("--"):
                name, sign, value = word[2:].partition("=")
                if sign and name in _WITH_VALUE:  # curl does not take this; people write it
                    yield name, value
                else:
                    yield self._with_value(word[2:])
            else:
                yield from self._short(word[1:])

    def _short(self, letters: str) -> Iterator[tuple[str, str]]:
        for at, letter in enumerate(letters):
            name = _NAMES.get(letter, letter)
            if name in _WITH_VALUE:
                rest = letters[at + 1 :]
                yield (name, rest) if rest else self._with_value(name)
                return
            yield name, ""

    def _with_value(self, name: str) -> tuple[str, str]:
        return name, next(self._words, "") if name in _WITH_VALUE else ""

    def _take(self, name: str, value: str) -> None:
        if name in _FIELDS:
            setattr(self._made, _FIELDS[name], value)
        elif name in _HEADERS and (name != "cookie" or "=" in value):
            self._header(f"{_HEADERS[name]}{value}")
        elif name in _DATA:
            self._take_data(name, value)
        else:
            self._take_other(name, value)

    def _take_other(self, name: str, value: str) -> None:
        match name:
            case "url":
                self._made.url = self._made.url or ("" if value == "--" else value)
            case "get":
                self._is_get = True
            case "head":
                self._is_head = True
            case "url-query":
                self._query.append(_urlencoded(value))
            case _:
                if name not in _MEANS_NOTHING:
                    self._note(name)

    def _header(self, text: str) -> None:
        name, sign, value = text.partition(":")
        if not sign and text.endswith(";"):
            name, value = text[:-1], ""
        elif not value.strip():  # "Accept:" takes a header of curl's own away
            return
        if name.strip().lower() not in FRAMING_HEADERS | {"accept-encoding"}:
            self._made.headers.append((name.strip(), value.strip()))

    def _take_data(self, name: str, value: str) -> None:
        if (value.startswith("@") and name != "data-raw") or _names_file(name, value):
            self._made.notes.append(
                say("The body stands in a file (%(name)s): enter its content.", name=value)
            )
            self._data.append("")
        elif name == "data-urlencode":
            self._data.append(_urlencoded(value))
        else:
            self._is_json = self._is_json or name == "json"
            self._data.append(value)

    def _note(self, name: str) -> None:
        option = f"--{name}" if len(name) > 1 else f"-{name}"
        why = _WHY_NOT.get(name)
        if why is not None:
            self._made.notes.append(say("%(option)s: %(why)s", option=option, why=why))
        else:
            self._made.notes.append(say("%(option)s was left out.", option=option))

    def _note_shell(self) -> None:
        for name in dict.fromkeys(self._found.open_names):
            self._made.notes.append(
                say("%(name)s is a variable of your shell: put its value there.", name=name)
            )
        if self._found.rest:
            self._made.notes.append(
                say(
                    "What follows the command was left out: %(command)s",
                    command=self._found.rest[:60],
                )
            )

    def _finish(self) -> None:
        made = self._made
        self._finish_url()
        if self._is_json:
            for name, value in (
                ("Content-Type", "application/json"),
                ("Accept", "application/json"),
            ):
                if not made.header(name.lower()):
                    made.headers.append((name, value))
        if self._data and not self._is_get:
            made.body = "".join(self._data) if self._is_json else "&".join(self._data)
        made.method = (made.method or self._usual_method()).upper()

    def _finish_url(self) -> None:
        made = self._made
        if "://" not in made.url:
            made.url = f"http://{made.url}"  # as curl does
        made.url = made.url.partition("#")[0]
        found = re.match(r"(https?://)([^/?@]*)@", made.url, re.IGNORECASE)
        if found:
            made.user = made.user or unquote(found[2])
            made.url = found[1] + made.url[found.end() :]
        query = [*self._query, *(self._data if self._is_get else [])]
        if query:
            made.url += ("&" if "?" in made.url else "?") + "&".join(query)

    def _usual_method(self) -> str:
        if self._is_head:
            return "HEAD"
        return "POST" if self._data and not self._is_get else "GET"


def _names_file(name: str, value: str) -> bool:
    return name == "data-urlencode" and re.match(r"[^=@]*@", value) is not None


def _urlencoded(value: str) -> str:
    """`--data-urlencode`: "name=content", "=content" or "content"; placeholders stay."""
    name, sign, content = value.partition("=")
    coded = "".join(
        piece if piece.startswith("{{") else quote_plus(piece)
        for piece in re.split(r"(\{\{.*?\}\})", content if sign else value)
    )
    return f"{quote(name, safe='[]')}={coded}" if sign and name else coded
