"""Asking a Chatwoot: one request, its answer as JSON, or a sentence that says why there is none."""

import asyncio
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final
from urllib.parse import quote, urlencode

import orjson

from recado.deliveries.explaining import explain_trouble
from recado.deliveries.retrying import may_help, retry_after
from recado.deliveries.settling import reason_of
from recado.lib.addresses import url_problem
from recado.lib.answers import Bounds
from recado.lib.languages import Sentence, say
from recado.lib.outcomes import Failure, Outcome, Request, RequestHeader, Response, Trouble
from recado.lib.sending import Sender

BOUNDS: Final = Bounds(read=32 * 1024 * 1024, kept=16 * 1024 * 1024)  # lists there are not paged
TOKEN_HEADER: Final = "api_access_token"  # noqa: S105 - a name
_PASTED: Final = re.compile(r"^(https?://[^/\s]+(?:/[^/\s]+)*?)/+app(?:/accounts/(\d+)(?:/.*)?)?$")


class NotAnswered(Exception):
    """There is no usable answer; `sentence` says why, `may_pass` whether asking again may help."""

    def __init__(self, sentence: Sentence, *, may_pass: bool = False, place: str = "url") -> None:
        super().__init__(str(sentence))
        self.sentence = sentence
        self.may_pass = may_pass
        self.place = place  # what was entered that it is about


@dataclass(frozen=True, slots=True)
class Remote:
    """One account of a Chatwoot, and what it takes to ask it. `waits` lie between tries, in seconds."""

    sender: Sender
    url: str
    token: str
    account_id: int = 0
    deadline_seconds: float = 30.0
    waits: tuple[float, ...] = (1, 5, 15, 30)

    @property
    def root(self) -> str:
        """Where everything of the account begins."""
        return f"{self.url}/api/v1/accounts/{self.account_id}"


@dataclass(frozen=True, slots=True)
class Answered:
    """What came back, and when by its own clock; None where it says no time."""

    json: Any  # any JSON
    at: datetime | None


def place_in(typed: str) -> tuple[str, int | None]:
    """The address of a server, and the account that somebody pasted with it from the browser.

    ValueError, with a sentence, where it is no address.
    """
    text = typed.strip()
    if pasted := _PASTED.match(text):
        return pasted[1], int(pasted[2]) if pasted[2] else None
    if problem := url_problem(text):
        raise ValueError(problem)
    return text.rstrip("/"), None


async def ask(
    remote: Remote, method: str, path: str, *, body: Any = None, **query: object
) -> Answered:
    """Ask once for something of the account; NotAnswered where nothing usable comes."""
    return _read(await _send(remote, method, f"{remote.root}/{path}{_query(query)}", body))


async def ask_patiently(remote: Remote, path: str, **query: object) -> Any:
    """Read something of the account; what may pass is waited for, a while and as long as told."""
    url = f"{remote.root}/{path}{_query(query)}"
    for wait in remote.waits:
        outcome = await _send(remote, "GET", url, None)
        if _is_good(outcome) or not may_help(outcome):
            return _read(outcome).json
        await asyncio.sleep(max(wait, _asked_wait(outcome)))
    return _read(await _send(remote, "GET", url, None)).json


async def ask_profile(remote: Remote) -> Answered:
    """Whose token it is, with the accounts it opens."""
    return _read(await _send(remote, "GET", f"{remote.url}/api/v1/profile", None))


async def _send(remote: Remote, method: str, url: str, body: Any) -> Outcome:
    headers = [RequestHeader(TOKEN_HEADER, "", 0), RequestHeader("Accept", "application/json")]
    if body is not None:
        headers.append(RequestHeader("Content-Type", "application/json"))
    text = None if body is None else orjson.dumps(body).decode()
    return await remote.sender.send(
        Request(method, url, tuple(headers), text),
        secrets={0: remote.token},
        deadline_seconds=remote.deadline_seconds,
        bounds=BOUNDS,
    )


def _query(query: dict[str, object]) -> str:
    """`labels` becomes `labels[]`, as it wants lists."""
    named = [(f"{name}[]" if name == "labels" else name, value) for name, value in query.items()]
    return f"?{urlencode(named, quote_via=quote)}" if named else ""


def _is_good(outcome: Outcome) -> bool:
    return isinstance(outcome, Response) and 200 <= outcome.status < 300


def _asked_wait(outcome: Outcome) -> float:
    """How many seconds it wants us to wait; at most five minutes, rather end and go on later."""
    if isinstance(outcome, Failure):
        return 0.0
    return min(retry_after(outcome, now=datetime.now(UTC)).total_seconds(), 300.0)


def _read(outcome: Outcome) -> Answered:
    if not isinstance(outcome, Response) or not _is_good(outcome):
        is_refused = isinstance(outcome, Response) and outcome.status == 401
        place = "token" if is_refused else "url"
        raise NotAnswered(_why(outcome), may_pass=may_help(outcome), place=place)
    if outcome.is_cut:
        raise NotAnswered(say("The answer is larger than Recado reads."))
    try:
        json = orjson.loads(outcome.body) if outcome.body.strip() else None
    except orjson.JSONDecodeError:
        raise NotAnswered(say("What answered is no Chatwoot: the answer is not JSON.")) from None
    return Answered(json, _date(outcome))


def _why(outcome: Outcome) -> Sentence:
    if isinstance(outcome, Response) and outcome.status == 401:
        return say("It does not accept the token, or the token does not open this account.")
    if isinstance(outcome, Response) and outcome.status == 404:
        return say("It has nothing at this address. Is the address that of a Chatwoot?")
    reason = reason_of(outcome)
    return explain_trouble(Trouble(reason["trouble"] or Trouble.HTTP_STATUS), reason).happened


def _date(response: Response) -> datetime | None:
    given = next((value for name, value in response.headers if name.lower() == "date"), "")
    try:
        moment = parsedate_to_datetime(given)
    except (ValueError, TypeError, IndexError, OverflowError):  # the parser raises all of them
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
