"""Who may enter the API, and how it refuses: the rules that hold for every endpoint.

A token opens it. A stranger's account, like a stranger's thing, is as absent as one that never was.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from hmac import compare_digest
from time import monotonic
from typing import Any, Final

from litestar import Request
from litestar.connection import ASGIConnection
from litestar.exceptions import HTTPException
from litestar.handlers import BaseRouteHandler
from litestar.middleware import ASGIMiddleware
from litestar.response import Response
from litestar.types import ASGIApp, Receive, Scope, Send

from recado.accounts.doors import acting_by, client_address
from recado.accounts.models import Membership, User
from recado.accounts.tokens import members_by_tokens, user_by_token
from recado.api.credentials import Credentials, credentials_of
from recado.api.limiting import Allowance
from recado.db.database import Database, Transaction
from recado.db.noting import act_for
from recado.events.causes import Actor, Cause
from recado.inboxes.bots import BotMember, bot_by_token
from recado.lib.languages import Sentence, set_language, speaking
from recado.lib.together import Together

ROOT: Final = "/api/v1/accounts/{account_id:int}"
_BY_TOKEN: Final = ("/api/v1/", "/api/v2/")
LARGEST: Final = 2**63 - 1  # what a database id can be

ApiRequest = Request[Membership, str, Any]  # below ROOT; `auth` is the token
PersonRequest = Request[User, str, Any]  # beside it, such as the profile


class ApiError(HTTPException):
    """A refusal whose JSON is more than one sentence."""

    def __init__(self, status_code: int, body: Mapping[str, Any]) -> None:
        super().__init__(status_code=status_code, detail="refused")
        self.body = body


class ApiDoor(ASGIMiddleware):
    """Finds out whose token it is, and that its person belongs to the account in the path."""

    def __init__(
        self, database: Database, *, requests_per_minute: int = 0, platform_token: str | None = None
    ) -> None:
        self.should_bypass_for_scope = _is_no_api
        self._database = database
        self._platform_token = platform_token
        self._allowance = Allowance(requests_per_minute)
        self._members: Together[tuple[str, int], Membership | None] = Together(self._look_up)

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Set `user` and `auth`, then pass on."""
        request: Request[Any, Any, Any] = Request(scope)
        shown = credentials_of(request)
        if wait := self._allowance.seconds_to_wait(_counted_as(request, shown.token), monotonic()):
            raise too_many(wait)
        if _is_for_platform(scope):
            self._check_platform(shown.token)
            await self._enter(scope, receive, send, next_app)
            return
        if _needs_no_token(scope):
            await next_app(scope, receive, send)
            return
        account_id = scope["path_params"].get("account_id")
        if account_id is None:
            async with self._database.transaction() as tx:
                scope["user"] = person = await known_person(tx, shown)
            set_language(person.language)
        else:
            scope["user"] = member = await self._member(shown, int(account_id))
            set_language(member.user.language if member.user else "en")
            act_for(
                acting_by(member, client_address(request), "api")
                if isinstance(member, Membership)
                else None  # a bot, which configures nothing
            )
        scope["auth"] = shown.token
        if isinstance(scope["user"], BotMember) and not scope["route_handler"].opt.get("bots"):
            raise ApiError(401, {"error": "You are not authorized to do this action"})
        await self._enter(scope, receive, send, next_app)

    async def _enter(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        if any(_is_no_id(value) for value in scope["path_params"].values()):
            raise absent()
        await next_app(scope, receive, send)

    def _check_platform(self, token: str) -> None:
        """401 for everybody but whoever runs the server, and for all where they have set no token."""
        own = (self._platform_token or "").encode()
        if not own or not compare_digest(token.encode("utf-8", "surrogateescape"), own):
            raise ApiError(401, {"error": "Invalid access_token"})

    async def _member(self, shown: Credentials, account_id: int) -> Membership | BotMember:
        if not shown.token or _is_no_id(account_id):
            raise await self._refusal(shown)
        member = await self._members.ask((shown.token, account_id))
        if member and shown.are_of(member.user):
            return member
        async with self._database.transaction() as tx:
            if bot := await bot_by_token(tx, shown.token, account_id):
                return bot
        raise await self._refusal(shown)

    async def _refusal(self, shown: Credentials) -> ApiError:
        """401 for nobody; somebody else's account is not there."""
        async with self._database.transaction() as tx:
            await known_person(tx, shown)
        return absent()

    async def _look_up(
        self, wanted: Sequence[tuple[str, int]], _: bool
    ) -> dict[int, Membership | Exception | None]:
        """Asked anew for every request, so that a token taken away opens nothing any more."""
        async with self._database.one_statement() as tx:
            found = await members_by_tokens(tx, set(wanted), now=now())
        return {at: found.get(one) for at, one in enumerate(wanted)}


def administrators(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
    """A guard: only those who may configure the account. Others hear 401, as from Chatwoot."""
    if isinstance(connection.user, BotMember) or not connection.user.is_administrator:
        raise ApiError(401, {"error": "You are not authorized to do this action"})


def refused(_: Request[Any, Any, Any], error: HTTPException) -> Response[Any]:
    """The JSON of every refusal."""
    if isinstance(error, ApiError):
        return Response(
            error.body, status_code=error.status_code, headers=error.headers,
            media_type="application/json",
        )  # fmt: skip
    detail = error.detail or "The request made no sense to the server."
    body = absent().body if error.status_code == 404 else {"error": detail}
    return Response(
        body, status_code=error.status_code, headers=error.headers, media_type="application/json"
    )


def absent() -> ApiError:
    """There is no such thing, or it belongs to somebody else."""
    return ApiError(404, {"error": "Resource could not be found"})


def unacceptable(text: str) -> ApiError:
    """422 about the request as a whole, always in English."""
    return ApiError(422, {"error": text})


def invalid(problems: Mapping[str, Sentence | str], **more: Any) -> ApiError:
    """422 about fields: one text of everything wrong, and the names of the fields."""
    told = english(problems)
    message = ", ".join(f"{name}: {text.rstrip('.')}" for name, text in told.items())
    return ApiError(422, {"message": message, "attributes": list(told), **more})


def english(problems: Mapping[str, Sentence | str]) -> dict[str, str]:
    """Problems as programs read them, whatever language their person speaks."""
    with speaking("en"):
        return {name: str(problem) for name, problem in problems.items()}


def nothing() -> Response[bytes]:
    """200 and an empty body."""
    return Response(b"", status_code=200, media_type="application/json")


async def known_person(tx: Transaction, shown: Credentials) -> User:
    """Whose credentials these are, or 401."""
    person = await user_by_token(tx, shown.token, now=now()) if shown.token else None
    if person is None or not shown.are_of(person):
        raise ApiError(401, {"error": "Invalid Access Token"})
    return person


def cause_of(request: ApiRequest) -> Cause:
    """What this request does was done by its token's person, or bot."""
    if isinstance(request.user, BotMember):
        return Cause(Actor.BOT, request.user.bot.id)
    return Cause(Actor.TOKEN, request.user.user_id)


def now() -> datetime:
    """The time of this request."""
    return datetime.now(UTC)


def unix(moment: datetime | None) -> int:
    """Unix seconds; 0 for what never happened."""
    return int(moment.timestamp()) if moment else 0


def iso(moment: datetime | None) -> str | None:
    """ISO 8601 in UTC: `2026-11-23T12:00:00.000Z`."""
    if moment is None:
        return None
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def too_many(seconds: int) -> ApiError:
    """429: ask again after so many seconds."""
    error = ApiError(429, {"error": f"Too many requests: wait {seconds} seconds."})
    error.headers = {"Retry-After": str(seconds)}
    return error


def _is_no_api(scope: Scope) -> bool:
    return not scope["path"].startswith((*_BY_TOKEN, "/public/api/", "/auth/", "/platform/"))


def _is_for_platform(scope: Scope) -> bool:
    return scope["path"].startswith("/platform/")


def _counted_as(request: Request[Any, Any, Any], token: str) -> str:
    """By token; those without one by their address."""
    if token:
        return sha256(token.encode("utf-8", "surrogateescape")).hexdigest()
    return client_address(request)


def _needs_no_token(scope: Scope) -> bool:
    return not scope["path"].startswith(_BY_TOKEN)


def _is_no_id(value: object) -> bool:
    return isinstance(value, int) and not 0 < value <= LARGEST
