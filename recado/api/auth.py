"""Signing in with e-mail and password, as the apps do: four headers come back, and open the API."""

from datetime import datetime
from typing import Any

from litestar import Request, delete, get, post
from litestar.response import Response
from msgspec import Struct

from recado.accounts.models import User
from recado.accounts.people import memberships_of
from recado.accounts.signing_in import WINDOW, SignIn
from recado.accounts.signing_in_programs import (
    AwaitsCode,
    Refusal,
    SignedIn,
    client_of,
    finish_program_sign_in,
    sign_in_ends_at,
    sign_program_in,
    sign_program_out,
)
from recado.api.credentials import credentials_of
from recado.api.door import ApiError, iso, known_person, now, too_many
from recado.api.fields import UNSET, Words, text_or
from recado.api.profile import Profile, profile_json
from recado.api.reading import read
from recado.db.database import Database, Transaction
from recado.deliveries.delivering import Outbound
from recado.lib.secrets import Vault

AnyRequest = Request[Any, Any, Any]


class SignInBody(Struct):
    """Who somebody is; or the token of an answer that wanted a code, with the code."""

    email: Words = UNSET
    password: Words = UNSET
    mfa_token: Words = UNSET
    otp_code: Words = UNSET
    backup_code: Words = UNSET


class CodeWanted(Struct):
    """That the password is right and a code is wanted, with this token, within ten minutes."""

    mfa_required: bool
    mfa_token: str


class SignedInJson(Struct):
    """Who has signed in."""

    data: Profile


class KnownProfile(Profile, kw_only=True):
    """Who is signed in, and since when they are known."""

    created_at: str | None


class StillSignedIn(Struct):
    """That the sign-in still holds, and whose it is."""

    success: bool
    data: KnownProfile


class ValidatedJson(Struct):
    """The answer to whether one is signed in."""

    payload: StillSignedIn


class SignedOut(Struct):
    """That the sign-in has ended."""

    success: bool


@post("/auth/sign_in", status_code=200, opt={"takes": SignInBody, "answers": SignedInJson})
async def sign_in(
    request: AnyRequest, database: Database, outbound: Outbound
) -> Response[SignedInJson] | Response[CodeWanted]:
    """Sign in; the headers `access-token`, `client`, `uid` and `expiry` of the answer open the API.

    Who has a second step gets 206 and an `mfa_token`, to be sent with `otp_code` or `backup_code`.
    """
    body = await read(request, SignInBody)
    async with database.transaction() as tx:
        entered = await _enter(tx, request, body, outbound.vault)
    if isinstance(entered, AwaitsCode):
        wanted = CodeWanted(True, entered.token)
        return Response(wanted, status_code=206, media_type="application/json")
    if entered is Refusal.WAIT:
        raise too_many(int(WINDOW.total_seconds()))
    if entered is Refusal.WRONG:
        raise _refusal(401, "Invalid login credentials. Please try again.")
    person = entered.memberships[0].user
    told = profile_json(person, entered.memberships, entered.token, outbound.vault)
    return Response(
        SignedInJson(told), status_code=200, media_type="application/json",
        headers=_headers(person, entered.token, entered.expires_at),
    )  # fmt: skip


async def _enter(
    tx: Transaction, request: AnyRequest, body: SignInBody, vault: Vault
) -> SignedIn | AwaitsCode | Refusal:
    attempt = SignIn(
        text_or(body.email), text_or(body.password),
        request.client.host if request.client else "", request.headers.get("user-agent", ""),
    )  # fmt: skip
    if waiting := text_or(body.mfa_token):
        code = text_or(body.otp_code) or text_or(body.backup_code)
        return await finish_program_sign_in(tx, waiting, code, attempt, vault=vault, now=now())
    return await sign_program_in(tx, attempt, now=now())


@get("/auth/validate_token", opt={"answers": ValidatedJson})
async def validate_token(
    request: AnyRequest, database: Database, outbound: Outbound
) -> Response[ValidatedJson]:
    """Ask whether one is still signed in, and as whom."""
    shown = credentials_of(request)
    async with database.transaction() as tx:
        try:
            person = await known_person(tx, shown)
        except ApiError as error:
            raise _refusal(401, "Invalid login credentials") from error
        ends = await sign_in_ends_at(tx, shown.token)
        profile = profile_json(
            person, await memberships_of(tx, person.id), shown.token, outbound.vault
        )
    told = KnownProfile(
        **{name: getattr(profile, name) for name in profile.__struct_fields__},
        created_at=iso(person.created_at),
    )
    return Response(
        ValidatedJson(StillSignedIn(True, told)), media_type="application/json",
        headers=_headers(person, shown.token, ends),
    )  # fmt: skip


@delete("/auth/sign_out", status_code=200)
async def sign_out(request: AnyRequest, database: Database) -> SignedOut:
    """Sign out: the headers open nothing any more. Tokens that were made by hand stay."""
    shown = credentials_of(request)
    async with database.transaction() as tx:
        if not shown.token or not await sign_program_out(tx, shown.token):
            raise _refusal(404, "User was not found or was not logged in.")
    return SignedOut(True)


def _refusal(status: int, text: str) -> ApiError:
    return ApiError(status, {"success": False, "errors": [text]})


def _headers(person: User, token: str, ends: datetime | None) -> dict[str, str]:
    """What a program sends with every request from now on."""
    told = {"access-token": token, "token-type": "Bearer", "client": client_of(token),
            "uid": person.email}  # fmt: skip
    return told | ({"expiry": str(int(ends.timestamp()))} if ends else {})


handlers: list[Any] = [sign_in, validate_token, sign_out]
