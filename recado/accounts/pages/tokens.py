"""The page of access tokens: made, shown once, revoked."""

from datetime import UTC, datetime
from typing import Any

from litestar import get, post
from litestar.response import Response, Template

from recado.accounts.doors import (
    MemberRequest,
    found,
    go_to,
    members_only,
    page,
)
from recado.accounts.tokens import create_token, revoke_token, tokens_of
from recado.db.database import Database, Transaction
from recado.lib.names import name_problem


@get("/app/tokens", guards=[members_only])
async def list_tokens(request: MemberRequest, database: Database) -> Template:
    async with database.transaction() as tx:
        return await _tokens_page(tx, request)


@post("/app/tokens", guards=[members_only], status_code=200)
async def add_token(request: MemberRequest, database: Database) -> Template:
    """Answers with the page itself: the token is shown here and never again."""
    name = str((await request.form()).get("name", "")).strip()
    async with database.transaction() as tx:
        if problem := name_problem(name):
            return await _tokens_page(tx, request, errors={"name": str(problem)})
        token = await create_token(tx, request.user.user_id, name, now=datetime.now(UTC))
        return await _tokens_page(tx, request, token=token)


@post("/app/tokens/{token_id:int}/revoke", guards=[members_only])
async def end_token(request: MemberRequest, database: Database, token_id: int) -> Response[Any]:
    async with database.transaction() as tx:
        found(await revoke_token(tx, request.user.user_id, token_id) or None)
    return go_to(request, "/app/tokens")


async def _tokens_page(
    tx: Transaction,
    request: MemberRequest,
    *,
    token: str = "",
    errors: dict[str, str] | None = None,
) -> Template:
    tokens = await tokens_of(tx, request.user.user_id, now=datetime.now(UTC))
    return page(
        request, "accounts/tokens.html", status_code=422 if errors else 200,
        tokens=tokens, token=token, errors=errors or {},
    )  # fmt: skip


handlers: list[Any] = [
    list_tokens, add_token, end_token,
]  # fmt: skip
